-- \pset numericlocale
\pset numericlocale on
select 1234567 as n, 1234.5 as f, -1 as m, '1234567' as t;
\pset numericlocale off
select 1234567 as n;
