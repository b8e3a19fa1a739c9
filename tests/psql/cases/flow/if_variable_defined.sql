-- A branch that asks whether a variable is set
\if :{?x}
\echo set
\else
\echo not set
\endif
\set x
\if :{?x}
\echo set
\endif
