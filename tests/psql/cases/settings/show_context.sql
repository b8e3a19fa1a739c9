-- SHOW_CONTEXT never, errors, always
\set ON_ERROR_STOP off
\set SHOW_CONTEXT always
do $$ begin raise notice 'n'; perform 1/0; end $$;
\set SHOW_CONTEXT never
do $$ begin raise notice 'n'; perform 1/0; end $$;
\set SHOW_CONTEXT errors
do $$ begin raise notice 'n'; perform 1/0; end $$;
