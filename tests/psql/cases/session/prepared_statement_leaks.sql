-- Settings and prepared statements stay for the whole script
set search_path = pg_catalog;
set work_mem = '3MB';
prepare p as select 5 as five;
show work_mem;
execute p;
create temp table t (n int); insert into t values (1); table t;
