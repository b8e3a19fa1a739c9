-- Columns of the same name, and of none
select 1 as a, 2 as a, 3, 'x', current_date is null;
