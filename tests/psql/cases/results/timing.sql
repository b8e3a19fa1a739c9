-- \timing on and off
\timing on
select 1 as one;
\timing off
select 2 as two;
\timing
\timing
