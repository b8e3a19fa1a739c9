-- FETCH_COUNT: rows in lots, same picture
\set FETCH_COUNT 2
select n, repeat('x', n) as s from generate_series(1, 5) n;
create table t (n int);
\unset FETCH_COUNT
select 1 as one;
