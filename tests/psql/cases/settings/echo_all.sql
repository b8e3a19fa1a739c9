-- ECHO all shows the lines read
\set ECHO all
select 1
 as one;

-- a comment
\echo word
create table t (n int);
copy t from stdin;
1
\.
\set ECHO none
select 2 as two;
