-- A result that cannot be written
select 1 \g /dev/full
select 2;
