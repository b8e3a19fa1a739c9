-- \x on, off, auto
\x
select 1 as one, 'two' as a_longer_name;
\x
select 1 as one;
\x auto
select 1 as one, 'two' as two;
\x on
select 1 as one where false;
select E'two\nlines' as text, 1 as n from generate_series(1, 2);
\pset border 2
select E'two\nlines' as text, 1 as n;
\pset border 0
select E'two\nlines' as text, 1 as n;
