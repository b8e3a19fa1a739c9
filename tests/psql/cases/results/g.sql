-- \g sends like a semicolon, and alone sends the last again
select 1 as one \g
\g
select 2 as two
\g
