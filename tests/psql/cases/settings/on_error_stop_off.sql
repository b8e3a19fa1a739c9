-- ON_ERROR_STOP off: the script goes on behind each error
\set ON_ERROR_STOP off
select 1/0;
select nothing;
create table t (n int);
insert into t values ('x');
insert into t values (1);
selec 2;
table t;
