-- AUTOCOMMIT off: a transaction begins by itself and is lost at the end
\set AUTOCOMMIT off
create table kept (n int);
commit;
create table lost (n int);
