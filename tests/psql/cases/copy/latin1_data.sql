-- Data in the client's encoding
create table t (s text);
set client_encoding = latin1;
copy t from stdin;
הצü
\.
reset client_encoding;
select s, length(s) from t;
