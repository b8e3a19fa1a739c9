-- The first error ends the script
create table a (n int);
create table a (n int);
create table b (n int);
