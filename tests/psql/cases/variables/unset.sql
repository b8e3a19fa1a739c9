-- \unset, and of what is not set
\set a 1
\unset a
\unset never
\echo :a
