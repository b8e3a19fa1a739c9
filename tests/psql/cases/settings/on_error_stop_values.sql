-- ON_ERROR_STOP as a variable with a value
\unset ON_ERROR_STOP
\echo :ON_ERROR_STOP
select 1/0;
\set ON_ERROR_STOP 1
select 2/0;
select 'never';
