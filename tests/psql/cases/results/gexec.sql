-- \gexec carries out what a query gives, value by value
create table t (n int);
select format('insert into t values (%s)', g), 'select ' || g || ' as g' from generate_series(1, 2) g \gexec
select * from t;
