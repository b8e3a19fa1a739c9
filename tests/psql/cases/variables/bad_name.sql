-- A name that cannot be one
\set a-b 1
\echo never
