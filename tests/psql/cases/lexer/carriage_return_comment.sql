-- A carriage return alone ends a line commentselect 1 as one;
select 2 -- c + 1 as three;
