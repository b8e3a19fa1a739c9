-- A wide expanded record
\x on
\pset border 1
select repeat('long ', 30) as text, 1 as n;
