-- A transaction left open is lost
create table kept (n int);
begin;
create table lost (n int);
