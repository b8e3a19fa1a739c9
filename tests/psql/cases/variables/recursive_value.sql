-- A value is scanned as if typed: statements, quotes and variables in it
\set a 'select 1 as one; select 2 as two;'
:a
\set b ':c'
\set c 5
select :b as five;
\set d '''in quotes'''
select :d as d;
