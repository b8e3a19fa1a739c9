-- An included file that is not there
select 1;
\i files/nothing.sql
select 'never';
