-- No variable within quotes, comments and dollar quotes
\set v value
select ':v' as s, $$:v$$ as d /* :v */ -- :v
, ":v" from (select 1 as ":v") q;
