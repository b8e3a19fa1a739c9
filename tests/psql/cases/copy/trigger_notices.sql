-- Notices of a trigger come with the COPY
create table t (n int);
create function f() returns trigger language plpgsql as $$ begin raise notice 'row %', new.n; return new; end $$;
create trigger g before insert on t for each row execute function f();
copy t from stdin;
1
2
\.
select 1 as after;
