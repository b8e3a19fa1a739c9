-- An \if that the file does not end
select 1;
\if true
select 2;
