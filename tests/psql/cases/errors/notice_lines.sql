-- Notices of several lines, and the lines they are told at
do $$ begin raise notice E'one\ntwo'; end $$; do $$ begin raise notice 'same line'; end $$;
do $$ begin
raise notice 'third'; end
$$;
create table if not exists t (); create table if not exists t ();
drop table if exists nothing;
