-- COPY FREEZE needs its table made in the same transaction
begin;
create table t (n int);
copy t from stdin (freeze);
1
\.
commit;
