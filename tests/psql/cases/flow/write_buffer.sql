-- \w writes the statement so far to a file
select 1
as one
\w out.sql
;
\write again.sql
