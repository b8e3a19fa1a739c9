-- A variable that names itself is not followed for ever
\set a 'x :a'
select ':a' as no;
\set b ':b'
select :b;
