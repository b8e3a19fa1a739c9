-- FETCH_COUNT and an error after some rows
\set FETCH_COUNT 2
select 1/(4 - n) as q from generate_series(1, 5) n;
