-- What counts as true and as false
\if 1 \echo one \endif
\if on
\echo on
\endif
\if Yes
\echo yes
\endif
\if t
\echo t
\endif
\if 0
\else
\echo zero
\endif
\if off
\else
\echo off
\endif
\if n
\else
\echo n
\endif
