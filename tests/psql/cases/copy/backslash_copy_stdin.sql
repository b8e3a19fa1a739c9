-- \copy from stdin reads the script, from pstdin the client's own input
create table t (n int, s text);
\copy t from stdin
1	in the script
\.
\copy t from pstdin
select * from t order by n;
