-- An error with detail and hint
create table t (n int primary key);
insert into t values (1);
insert into t values (1);
