-- Tables, keys, indexes, views, triggers, policies and comments
create schema shop;
set search_path = shop, public;
create type status as enum ('new', 'paid');
create domain amount as numeric(10, 2) check (value >= 0);
create table customers (id bigint generated always as identity primary key, name text not null unique, data jsonb default '{}');
create table orders (id uuid default gen_random_uuid() primary key, customer bigint references customers on delete cascade, total amount, state status default 'new', made timestamptz default now());
create index on orders (customer) where state = 'new';
create view open_orders as select * from orders where state = 'new';
create materialized view totals as select customer, sum(total) as total from orders group by 1 with no data;
create function touch() returns trigger language plpgsql as $$ begin new.made = now(); return new; end $$;
create trigger touch before update on orders for each row execute function touch();
alter table customers enable row level security;
create policy everyone on customers using (true);
comment on table orders is 'What was; ordered';
insert into customers (name) values ('a'), ('b');
refresh materialized view totals;
