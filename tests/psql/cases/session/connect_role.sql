-- \c as another role
create role case_reader login;
grant select on pg_class to case_reader;
\c - case_reader
select current_user;
create table t (n int);
