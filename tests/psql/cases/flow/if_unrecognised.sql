-- A word that is no boolean counts as false
\if maybe
\echo never
\else
\echo else
\endif
