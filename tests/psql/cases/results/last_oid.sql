-- Tags of all kinds
create table t (n int); insert into t values (1); update t set n = 2; delete from t; truncate t;
create view v as select 1; comment on view v is 'view'; grant select on v to public; drop view v;
begin; savepoint a; release a; commit;
