-- Old style bodies in quotes need no care
create function f() returns int language plpgsql as $$ begin return case when true then 1 end; end $$;
create function g() returns text language sql as 'select ''begin; end;''::text';
select f(), g();
