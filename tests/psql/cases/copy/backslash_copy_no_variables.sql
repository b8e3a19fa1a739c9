-- \copy takes its line as it is: no variables in it
\set t things
create table things (n int);
\copy :t from 'files/rows.tsv'
