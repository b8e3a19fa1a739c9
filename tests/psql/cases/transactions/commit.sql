-- A transaction of the script's own
begin;
create table t (n int);
insert into t values (1);
commit;
table t;
