-- \copy to stdout and to pstdout
create table t (n int);
insert into t values (1), (2);
\copy t to stdout
\copy t to pstdout
select 'after' as word;
