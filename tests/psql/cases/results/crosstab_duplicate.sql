-- \crosstabview with two values for one cell
select * from (values ('a', 'x', 1), ('a', 'x', 2)) v(r, c, n) \crosstabview
