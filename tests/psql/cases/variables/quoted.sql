-- :'name' as a string, :"name" as an identifier
\set s 'it''s a \\ "test"'
\set i 'odd "name"'
select :'s' as s; create table :"i" (n int); select * from :"i";
