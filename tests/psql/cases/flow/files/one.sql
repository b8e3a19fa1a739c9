-- A file that includes its neighbour
select 'one' as file;
\set from_one yes
\ir two.sql
\echo end of one
