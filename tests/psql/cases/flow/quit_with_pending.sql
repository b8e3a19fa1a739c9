-- \q with a statement begun
select 1;
select 2
\q
