-- COPY out and in, in one message
create table a (n int); insert into a values (1);
copy a to stdout \; copy a from stdin \; copy a to stdout;
2
\.
