-- \gset does not change psql's own variables
\set ON_ERROR_STOP off
select 'x' as "ECHO", 1 as a \gset
\echo :a :ECHO
