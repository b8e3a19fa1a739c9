-- A command that is none, errors allowed
\set ON_ERROR_STOP off
\nonsense with arguments
select 'after' as word;
