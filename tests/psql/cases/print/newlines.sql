-- Values of several lines
select E'one\ntwo\nthree' as text, 1 as n union all select 'x', 2;
select 'x' as "two
lines", 1 as n;
\pset format unaligned
select E'one\ntwo' as text;
