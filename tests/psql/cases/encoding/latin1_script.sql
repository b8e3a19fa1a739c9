-- A script in LATIN1 after \encoding
\encoding latin1
create table t (s text);
insert into t values ('הצü');
select s, length(s) as l from t;
\encoding
\encoding utf8
select s, length(s) as l from t;
