-- Operators end where a comment begins
select 1 +-- not an operator
2 as three;
select 4 */* comment */ 5 as twenty;
select 2-1 as one, 2--1
+1 as three;
select @-5 as five, 5 !=-1 as yes, '{1}'::int[] @> '{1}' as contains;
