-- VERBOSITY verbose
\set ON_ERROR_STOP off
\set VERBOSITY verbose
select * from nothing;
do $$ begin raise warning 'w' using detail = 'd', hint = 'h', errcode = '01234'; end $$;
create table t (n int primary key);
insert into t values (1), (1);
