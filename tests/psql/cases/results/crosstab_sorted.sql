-- \crosstabview with a column that sorts
select * from (values ('a', 'feb', 1, 2), ('a', 'jan', 2, 1), ('b', 'jan', 3, 1)) v(r, c, v, s) \crosstabview r c v s
