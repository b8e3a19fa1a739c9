-- A syntax error with its place
select 1 as one;
select from from;
select 'never';
