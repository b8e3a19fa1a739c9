-- \o takes along what COPY and \g write
\o out.txt
copy (select 1, 2) to stdout;
\out other.txt
\copy (select 3, 4) to stdout
select 5 as five \g third.txt
\o
