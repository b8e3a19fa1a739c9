-- Enough statements to fill a window of messages on their way
create table t (n int, s text);
select format('insert into t values (%s, %L)', g, repeat('x', g)) from generate_series(1, 300) g \gexec
select count(*), sum(length(s)) from t;
