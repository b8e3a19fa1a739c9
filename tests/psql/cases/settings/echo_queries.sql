-- ECHO queries shows what is sent
\set ECHO queries
select 1
 as one; select 2 as two;
\set v 3
select :v as three;
select 'select 4 as four' \gexec
