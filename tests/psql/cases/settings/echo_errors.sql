-- ECHO errors shows the statements that failed
\set ECHO errors
\set ON_ERROR_STOP off
select 1 as one;
select 1/0;
select 2 as two;
