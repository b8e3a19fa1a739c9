-- \r forgets the statement so far
select 1,
\r
select 2 as two;
\reset
