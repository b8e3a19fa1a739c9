-- A failed transaction, errors allowed
\set ON_ERROR_STOP off
begin;
select 1/0;
select 1;
commit;
create table t (n int);
