-- A string without its end is sent as it is at the end of the file
select 1;
select 'unfinished; select 2;
