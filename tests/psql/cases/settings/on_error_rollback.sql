-- ON_ERROR_ROLLBACK: a savepoint for each statement
\set ON_ERROR_STOP off
\set ON_ERROR_ROLLBACK on
begin;
create table t (n int);
insert into t values ('x');
insert into t values (1);
commit;
table t;
