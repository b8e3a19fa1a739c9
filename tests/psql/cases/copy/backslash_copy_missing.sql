-- \copy from a file that is not there
create table t (n int);
\copy t from 'files/nothing.tsv'
select 'never';
