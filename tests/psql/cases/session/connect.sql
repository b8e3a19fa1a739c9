-- \c to another database and back
create table in_first (n int);
\c postgres
select current_database() as here;
\c work
table in_first;
