-- SQL bodies: semicolons between begin atomic and end belong to the statement
create table t (n int);
create function f(a int) returns int language sql begin atomic
    insert into t values (a); select case when a > 0 then 1 else 2 end; end;
create or replace procedure p() begin atomic insert into t values (1); insert into t values (2); end;
call p(); select f(3); select * from t;
