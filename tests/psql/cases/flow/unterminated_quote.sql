-- A quote that a meta-command's line does not end
\echo 'open
select 'after' as word;
