-- Borders and line styles
\pset border 0
select 1 as one, 'two' as two;
\pset border 2
select 1 as one, 'two' as two;
\pset linestyle unicode
select 1 as one, E'two\nlines' as two;
\pset border 1
select 1 as one, E'two\nlines' as two;
\pset linestyle old-ascii
select 1 as one, E'two\nlines' as two;
\pset unicode_border_linestyle double
\pset unicode_column_linestyle double
\pset unicode_header_linestyle double
\pset linestyle unicode
\pset border 2
select 1 as one, 'two' as two;
