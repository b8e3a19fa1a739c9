-- \q ends the script
select 1;
\q
select 'never';
