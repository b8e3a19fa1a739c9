-- The server ends the connection
select 1 as one;
select pg_terminate_backend(pg_backend_pid());
select 'never';
