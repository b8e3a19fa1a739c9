-- An error in one of several statements of a message
create table a (n int)\; select 1/0\; create table b (n int);
