-- A prepared transaction
begin;
create table t (n int);
prepare transaction 'case';
commit prepared 'case';
table t;
