-- What is rolled back is gone
create table t (n int);
begin;
insert into t values (1);
rollback;
table t;
