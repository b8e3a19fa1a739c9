-- ECHO_HIDDEN is of no weight to what psql does not hide
\set ECHO_HIDDEN on
select 1 as one;
