-- A meta-command in the middle of a statement leaves the statement as it is
select 1
\echo in between
as one;
select \echo within
2 as two;
