-- A program does not run behind a statement that has failed
begin;
select 1/0;
\! touch ran
\set v `touch ran_too; echo x`
select 1 \w written
commit;
