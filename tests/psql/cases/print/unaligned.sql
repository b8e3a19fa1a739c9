-- \a, \f and the separators
\a
select 1 as one, 2 as two;
\f ';'
select 1 as one, 2 as two;
\pset fieldsep '\t'
select 1 as one, 2 as two;
\pset recordsep ' // '
select generate_series(1, 3) as n;
\pset fieldsep_zero
\pset recordsep_zero
select 1 as one, 2 as two;
\a
select 1 as one;
