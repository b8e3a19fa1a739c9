-- Comments before a statement are sent with it
select 1;
-- about the second
/* and more */
select 2;
-- at the end
