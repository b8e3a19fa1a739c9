\if true
\echo in
