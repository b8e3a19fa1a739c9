-- \crosstabview
create table t (r text, c text, v int);
insert into t values ('a', 'x', 1), ('a', 'y', 2), ('b', 'x', 3), ('c', 'z', 4);
select r, c, v from t order by 1, 2 \crosstabview
select r, c, v from t order by 1, 2 \crosstabview r c v
select v, r, c from t order by 1 \crosstabview 2 3 1
