-- An open parenthesis takes the rest of the file
select 1;
select (2; select 3;
