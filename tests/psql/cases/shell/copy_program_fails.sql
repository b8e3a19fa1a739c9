-- A program that fails after its data
create table t (n int);
\copy t from program 'echo 7; exit 3'
table t;
