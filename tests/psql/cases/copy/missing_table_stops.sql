-- A COPY into nothing stops the script
copy nothing from stdin;
create table never (n int);
\.
select 'never';
