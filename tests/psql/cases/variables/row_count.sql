-- ROW_COUNT, ERROR and SQLSTATE after each statement
create table t (n int);
\echo :ROW_COUNT :ERROR :SQLSTATE
insert into t select generate_series(1, 3);
\echo :ROW_COUNT
update t set n = n + 1 where n > 1;
\echo :ROW_COUNT
select * from t;
\echo :ROW_COUNT
select :ROW_COUNT as last;
