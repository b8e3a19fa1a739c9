-- \restrict and \unrestrict, as pg_dump writes them
\restrict abc
create table t (n int);
copy t from stdin;
1
\.
\unrestrict abc
\echo done
