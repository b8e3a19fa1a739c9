-- Words like begin and case outside a routine's definition open nothing
select case when true then 1 end as c; select 'x' as begin;
create view v as select case 1 when 1 then 'a' end as c; table v;
create table atomic (begin int, "end" int); select begin from atomic;
