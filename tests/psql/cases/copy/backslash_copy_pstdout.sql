-- Data for psql's own standard output, beside the file of \o
\o written
\copy (select 1) to pstdout
\copy (select 2) to stdout
select 3;
\o
\copy (select 4) to pstdout
select 5;
