-- What looks like the end mark and is not
create table t (s text);
copy t from stdin;
\\.
a\\.
 x
\.
select * from t;
