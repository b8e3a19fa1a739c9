-- An error in a DO block
do $$
declare
    n int;
begin
    n := 1;
    execute 'select nothing';
end $$;
