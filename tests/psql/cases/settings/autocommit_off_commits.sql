-- AUTOCOMMIT off, with commits and what cannot run in a transaction
\set AUTOCOMMIT off
create table t (n int);
insert into t values (1);
commit;
vacuum t;
select count(*) from t;
rollback;
\set AUTOCOMMIT on
insert into t values (2);
