-- \pset with what it does not know
\set ON_ERROR_STOP off
\pset nothing
\pset format fancy
\pset linestyle curly
\pset border x
select 1 as one;
