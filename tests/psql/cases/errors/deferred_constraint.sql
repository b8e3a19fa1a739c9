-- An error that comes with the commit
create table t (n int primary key deferrable initially deferred);
insert into t values (1), (1);
