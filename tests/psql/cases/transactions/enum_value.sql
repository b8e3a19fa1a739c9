-- A new enum value used at once
create type e as enum ('a');
alter type e add value 'b';
create table t (v e);
insert into t values ('b');
