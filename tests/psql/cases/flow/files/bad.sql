select 1 as fine;
select 1/0 as wrong;
select 'never';
