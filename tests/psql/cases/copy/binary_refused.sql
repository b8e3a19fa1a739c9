-- Binary data cannot stand in a script
create table t (n int);
copy t from stdin (format binary);
1
\.
select 'never';
