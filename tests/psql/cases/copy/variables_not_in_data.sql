-- Data are no place for variables and meta-commands
\set v 5
create table t (s text);
copy t from stdin;
:v
:'v'
\.
select * from t;
