-- Rows that follow the statement, up to the end mark
create table t (n int, s text);
copy t from stdin;
1	one
2	two; not a statement
3	\N
\.
select * from t;
