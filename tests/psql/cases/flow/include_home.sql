-- A file below the user's home that is not there
\i ~/nothing-of-that-name.sql
select 2;
