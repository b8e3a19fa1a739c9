-- Data of a COPY in a branch that is not taken are skipped as lines of it
create table t (n int);
\if false
copy t from stdin;
1
\.
\endif
select count(*) from t;
