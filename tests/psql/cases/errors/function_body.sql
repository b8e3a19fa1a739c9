-- An error in a function's definition
create function f() returns int language plpgsql as $$
begin
    retrn 1;
end $$;
