-- What is not set stays as it is written
select ':nothing' as s, array[1,2]::int[] as a;
select :nothing;
