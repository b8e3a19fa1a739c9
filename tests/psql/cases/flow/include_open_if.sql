-- An \if left open by an included file
\i files/open_if.sql
\echo after
