-- \d of a table
create table t (id int primary key, s text);
\d t
\dt
