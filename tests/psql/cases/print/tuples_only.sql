-- \t and footers
\t
select 1 as one;
\t off
\pset footer off
select 1 as one;
\pset footer on
\pset tuples_only on
create table t (n int);
select * from t;
\x
select 1 as one, 2 as two;
