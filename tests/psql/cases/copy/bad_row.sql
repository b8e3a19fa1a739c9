-- An error in the data stops the script and the rest of the data is no SQL
create table t (n int);
copy t from stdin;
1
select 1;
drop table t;
\.
select 'never';
