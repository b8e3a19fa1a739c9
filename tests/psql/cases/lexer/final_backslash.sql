-- A backslash at the very end
select 1;
\