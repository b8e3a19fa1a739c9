-- \q leaves an \if open
select 1 as one;
\if true
select 2 as two
\q
\endif
select 3 as three;
