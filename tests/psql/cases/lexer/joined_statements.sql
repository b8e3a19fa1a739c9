-- Statements joined by a backslash and a semicolon are one message
select 1 as a\; select 2 as b\; create table t (n int);
insert into t values (1) \; insert into t values (2) \; select * from t;
