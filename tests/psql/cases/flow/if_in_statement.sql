-- Branches within one statement
\set wide true
select 1 as a
\if :wide
, 2 as b
\else
, 3 as c
\endif
;
