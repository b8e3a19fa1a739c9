-- Catalog commands in a branch not taken
\if false
\d t
\l
\sf f
\df+ *
\endif
\echo after
