-- Lines that end as on Windows
select 1
as one;
select 'a
b' as two_lines;
-- comment
\echo here
\set x y
\echo :x
create table t (a int);
insert into t values (1);
