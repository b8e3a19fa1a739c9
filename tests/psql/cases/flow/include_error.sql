-- An error in an included file stops all
\echo before
\i files/bad.sql
\echo never
