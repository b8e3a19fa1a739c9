-- Results that cannot be written to the file of \o
\o /dev/full
create table t (n int);
select 1;
\o
select 2;
