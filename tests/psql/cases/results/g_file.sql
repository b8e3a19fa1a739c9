-- \g with a file
select 1 as one, 'x' as text \g out.txt
select 2 as two;
