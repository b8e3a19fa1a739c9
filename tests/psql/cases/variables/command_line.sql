-- Variables given from outside
-- given: who=world n=3
select :'who' as who, :n as n;
\echo :who
