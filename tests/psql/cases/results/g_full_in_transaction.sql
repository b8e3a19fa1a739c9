-- A result that cannot be written takes its transaction with it
begin;
create table t (n int);
select 1 \g /dev/full
commit;
