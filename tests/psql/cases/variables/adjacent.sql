-- Variables next to words and other variables
\set a 1
\set b 2
select :a:b as twelve, :a+:b as three, x:a from (select 1 as x1) q;
