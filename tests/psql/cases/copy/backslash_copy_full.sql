-- A file that takes no data: the script ends there
\copy (select 1) to /dev/full
select 2;
