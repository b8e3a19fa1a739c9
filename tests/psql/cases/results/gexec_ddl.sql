-- \gexec makes tables from a list
create schema s;
select format('create table s.%I (id int primary key)', name) from unnest(array['a', 'b c']) name
\gexec
select tablename from pg_tables where schemaname = 's' order by 1;
