-- A comment is no end of a meta-command's arguments
\echo a -- b
\set v 1 -- c
\echo :v
\echo /* d */
