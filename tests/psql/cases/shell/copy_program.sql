-- \copy from a program
create table t (n int);
\copy t from program 'echo 7'
table t;
