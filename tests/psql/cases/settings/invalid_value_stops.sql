-- A value that a special variable does not take is an error
\set VERBOSITY loud
select 'never';
