-- What cannot be written is an error like any other
\set ON_ERROR_STOP off
\o /dev/full
select 1;
\copy (select 1) to /dev/full
\o
select 2;
select 3 \g /dev/full
select 4;
