-- \o sends results to a file, and back
\o out.txt
select 1 as one;
\qecho to the file
\echo to the screen
create table t (n int);
do $$ begin raise notice 'to the error stream'; end $$;
\o
select 2 as two;
