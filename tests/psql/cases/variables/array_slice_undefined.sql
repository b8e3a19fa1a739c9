-- An undefined name in a slice stays a slice
select (array[1,2,3])[1:nope] from (select 2 as nope) q;
