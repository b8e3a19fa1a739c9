-- An unknown command in a false branch
\if false
\nonsense
\endif
\echo after
