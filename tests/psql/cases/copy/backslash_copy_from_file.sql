-- \copy from a file beside the caller
create table t (n int, s text);
\copy t from 'files/rows.tsv'
\copy t (n, s) from files/rows.csv with (format csv, header)
select * from t;
