insert into t values (1);
copy t from stdin;
2
3
\.
insert into t values (4)
