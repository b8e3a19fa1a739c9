-- \o and \g into a program
\o |tr a-z A-Z
select 1 as one;
\o
