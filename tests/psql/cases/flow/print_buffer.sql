-- \p shows the statement so far, or the last one
\p
select 1
\p
as one;
\p
\print
