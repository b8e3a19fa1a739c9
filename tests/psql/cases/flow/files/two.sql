select 'two' as file;
do $$ begin raise notice 'from two'; end $$;
