-- \q in a branch that is taken ends the script, and the open \if is no error
\if true
select 1 as one;
select 2 as two
\q
\endif
select 3 as three;
