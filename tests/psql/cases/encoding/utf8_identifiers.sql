-- Names beyond ASCII
create table größe (länge int); insert into größe values (5); select länge as "Länge ∀" from größe;
\set größe 7
select :größe as n;
