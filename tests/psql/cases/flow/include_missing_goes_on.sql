-- An included file that is not there, errors allowed
\set ON_ERROR_STOP 0
\i files/nothing.sql
\ir files/nothing.sql
select 'after' as word;
