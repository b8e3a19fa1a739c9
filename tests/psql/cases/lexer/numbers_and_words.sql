-- Numbers glued to words and dots
select 1as one, 1.5e3as big, .5 as half, 5. as five, 1e10 as e;
select 1 as a1, 2 as "1a";
