-- An included file in the middle of statements
create table t (n int);
\i files/inserts.sql
select sum(n) from t;
