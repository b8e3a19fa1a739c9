-- Results without columns or rows
select;
select from generate_series(1, 2);
select 1 as a where false;
\x
select;
select from generate_series(1, 2);
\a
select;
