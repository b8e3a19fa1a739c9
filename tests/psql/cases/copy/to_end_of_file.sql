-- The end of the file ends the data
create table t (n int);
copy t from stdin;
1
2
