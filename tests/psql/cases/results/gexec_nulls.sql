-- \gexec skips nulls and takes no variables
select null, 'select ''kept'' as word' \gexec
