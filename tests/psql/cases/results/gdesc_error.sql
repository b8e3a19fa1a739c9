-- \gdesc of a wrong statement
select nothing from nowhere \gdesc
select 'never';
