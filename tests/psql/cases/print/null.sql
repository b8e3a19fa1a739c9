-- \pset null
\pset null '(null)'
select null as n, '' as e, 1 as one;
\pset null
select null as n;
