-- The last row has no newline
create table t (n int);
copy t from stdin;
1
2