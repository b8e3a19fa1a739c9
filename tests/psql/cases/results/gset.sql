-- \gset makes variables of one row
select 1 as a, 'b c' as b \gset
\echo :a :b
select 5 as n \gset pre_
\echo :pre_n
