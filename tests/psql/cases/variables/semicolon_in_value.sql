-- A value that ends a statement in the middle of a line
\set q 'select 1; select'
:q 2 as two;
