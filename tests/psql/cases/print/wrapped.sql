-- Wrapped to a number of columns
\pset format wrapped
\pset columns 30
select repeat('word ', 12) as a, 'short' as b, repeat('x', 40) as c;
\x
select repeat('word ', 12) as a, 'short' as b;
\pset columns 0
