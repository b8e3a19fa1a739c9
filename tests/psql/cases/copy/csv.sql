-- CSV with quotes over lines
create table t (n int, s text);
COPY t (n, s) FROM STDIN WITH (FORMAT csv, HEADER);
n,s
1,"a
b; c"
2,"say ""hi"""
\.
select n, length(s) from t;
copy t to stdout with csv header;
