-- \copy to a file
create table t (n int);
insert into t values (1), (2);
\copy t to 'out.tsv'
\copy (select n * 2 as d from t) to out.csv csv header
select 'done' as word;
