-- A program that is ended by a signal
\copy (select 1) to program 'kill -9 $$'
select 2;
