-- Copied data that cannot be written
copy (select 1) to stdout \g /dev/full
select 2;
