-- Notices before an error
do $$ begin raise notice 'first'; raise warning 'second'; raise exception 'third' using errcode = 'XX123', detail = 'd', hint = 'h'; end $$;
