-- An error with a hint
create table invoices (total int);
select totl from invoices;
