-- A directory is opened, but cannot be read
\i files
select 2;
