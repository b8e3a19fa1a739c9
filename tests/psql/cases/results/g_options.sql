-- \g with options of its own, which last for one result
select 1 as one, 'x' as text \g (format=csv)
select 2 as two \g (format=unaligned tuples_only=on) out.txt
select 3 as three;
