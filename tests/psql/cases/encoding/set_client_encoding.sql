-- A script in LATIN1 after SET
set client_encoding = 'latin1';
create table t (s text);
insert into t values ('ä');
\encoding
reset client_encoding;
select s from t;
\echo :ENCODING
