-- SINGLELINE: the line's end ends the statement
\set SINGLELINE on
select 1 as one
select 2 as two; select 3 as three
\set SINGLELINE off
select 4
as four;
