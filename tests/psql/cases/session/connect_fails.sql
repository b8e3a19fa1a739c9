-- \c to what is not there
select 1 as one;
\c no_such_database
select 'never';
