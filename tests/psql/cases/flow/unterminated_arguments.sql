-- Arguments of which one is never ended
\echo a "b
\set x one 'two
\echo :x
select 1 as one \g 'nowhere
