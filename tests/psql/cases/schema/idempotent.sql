-- Statements that find their work done
create table if not exists t (n int);
create table if not exists t (n int);
create or replace view v as select 1 as one;
create or replace view v as select 1 as one;
do $$ begin if not exists (select from pg_type where typname = 'e') then create type e as enum ('x'); end if; end $$;
alter table t add column if not exists m int;
alter table t add column if not exists m int;
drop index if exists nothing;
insert into t values (1) on conflict do nothing;
