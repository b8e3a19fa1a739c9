-- Bytes that are no UTF-8 in the data
create table t (s text);
copy t from stdin;
ok
ä
\.
select 'never';
