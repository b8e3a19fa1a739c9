-- SET ROLE and what it owns
create role case_owner; grant create on schema public to case_owner;
set role case_owner;
create table t (n int);
reset role;
select tableowner from pg_tables where tablename = 't';
