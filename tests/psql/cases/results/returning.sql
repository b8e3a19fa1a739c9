-- RETURNING shows its rows and its tag
create table t (id serial, s text);
insert into t (s) values ('a'), ('b') returning *;
update t set s = upper(s) returning id, s;
delete from t where id = 1 returning s;
