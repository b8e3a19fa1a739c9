-- A COPY into nothing: its data are read over
\set ON_ERROR_STOP off
copy nothing from stdin;
create table never (n int);
\.
select 'after' as word;
