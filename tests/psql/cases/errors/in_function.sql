-- An error in a function, with its context
create function f() returns int language plpgsql as $$
begin
    return 1/0;
end $$;
create function g() returns int language sql as 'select f()';
select g();
