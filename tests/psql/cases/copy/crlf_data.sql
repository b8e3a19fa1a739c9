-- Data with line ends as on Windows
create table t (n int, s text);
copy t from stdin;
1	a
2	b
\.
select n, s from t;
