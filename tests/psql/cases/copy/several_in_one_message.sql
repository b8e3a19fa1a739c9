-- Several COPYs in one message, and statements between them
create table a (n int); create table b (n int);
copy a from stdin \; copy b from stdin \; select 'between' as word;
1
2
\.
3
\.
select * from a; select * from b;
