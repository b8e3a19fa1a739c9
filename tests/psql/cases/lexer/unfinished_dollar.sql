-- A dollar quote without its end takes the rest of the file
select 1;
do $$ begin null; end; select 2;
