-- A directory is no file to copy to
\copy (select 1) to files
select 2;
