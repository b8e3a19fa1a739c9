-- An empty value leaves nothing behind
\set e
select 1 :e as one;
\set e ''
select :'e' = '' as empty;
