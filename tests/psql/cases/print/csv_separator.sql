-- \pset csv_fieldsep
\pset format csv
\pset csv_fieldsep ';'
select 1 as one, 'a;b' as two;
\pset csv_fieldsep '\t'
select 1 as one, 'a b' as two;
\pset csv_fieldsep 'ab'
