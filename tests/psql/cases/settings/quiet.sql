-- QUIET leaves out the tags
\set QUIET on
create table t (n int);
insert into t values (1);
select * from t;
\r
\encoding UTF8
\set QUIET off
insert into t values (2);
