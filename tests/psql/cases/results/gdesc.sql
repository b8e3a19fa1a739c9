-- \gdesc describes a result without running the statement
create table t (n int, s varchar(5));
select n, s, n::numeric(5,2) as v, array[n] as a from t \gdesc
insert into t values (1) \gdesc
select from t \gdesc
table t;
