-- \crosstabview with what it cannot show
select 1 as a, 2 as b \crosstabview
