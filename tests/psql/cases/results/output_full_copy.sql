-- Copied data that cannot be written to the file of \o
\o /dev/full
copy (select 1) to stdout;
\o
select 2;
