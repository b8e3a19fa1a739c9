-- Two colons, assignments and slices are no variables
\set int text
\set n 2
select '1'::int as one, (array[1,2,3])[2:3] as slice, (array[1,2,3])[1:2] as other;
do $$ declare i int; begin i:=5; raise notice '%', i; end $$;
select (array[1,2,3])[:n] as second;
