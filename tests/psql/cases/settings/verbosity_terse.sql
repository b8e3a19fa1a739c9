-- VERBOSITY terse and sqlstate
\set ON_ERROR_STOP off
\set VERBOSITY terse
select 1/0;
select * from nothing;
do $$ begin raise notice 'n' using detail = 'd', hint = 'h'; end $$;
\set VERBOSITY sqlstate
select 1/0;
do $$ begin raise notice 'n' using detail = 'd', hint = 'h'; end $$;
\set VERBOSITY default
select 1/0;
