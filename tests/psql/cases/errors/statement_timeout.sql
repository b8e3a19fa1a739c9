-- A statement that takes too long
set statement_timeout = 50;
select pg_sleep(5);
