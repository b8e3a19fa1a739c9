-- The last statement needs no semicolon
create table t (n int);
insert into t values (7)
