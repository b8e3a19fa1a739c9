-- A directory is opened, but cannot be read
\lo_import files
select 2;
