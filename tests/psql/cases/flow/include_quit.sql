-- \q in an included file leaves that file only
\i files/quits.sql
\echo back
