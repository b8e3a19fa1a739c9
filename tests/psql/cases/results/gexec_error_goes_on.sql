-- An error in what \gexec carries out, errors allowed
\set ON_ERROR_STOP off
select unnest(array['select 1 as one', 'select 1/0', 'select 3 as three']) \gexec
select 'after' as word;
