-- What stands in a false branch is neither sent nor carried out
\if false
\set x 1
\i files/nothing.sql
\gset
\echo `false`
select :'undefined', 'it''s;
' from;
\q
\endif
\echo :{?x}
