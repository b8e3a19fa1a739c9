-- After an error in the data the script goes on behind it
\set ON_ERROR_STOP off
create table t (n int);
copy t from stdin;
1
x
create table never (n int);
\.
select 'after' as word;
