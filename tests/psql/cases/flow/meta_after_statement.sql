-- A meta-command on the line of a statement
select 1 as one; \echo between
select 2 as two; \set x 5 \\ select :x as five;
