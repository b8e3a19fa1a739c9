-- \C sets a title
\C 'A title'
select 1 as one;
\x
select 1 as one;
\x
\C
select 2 as two;
\pset title Again
select 3 as three;
\pset title
