-- \i reads another file and comes back
\echo before
\i files/one.sql
\echo after :from_one
