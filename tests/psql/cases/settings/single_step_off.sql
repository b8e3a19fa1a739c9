-- SINGLESTEP off changes nothing
\set SINGLESTEP off
select 1 as one;
