-- A comment without its end is sent as it is
select 1;
select 2 /* unfinished; select 3;
