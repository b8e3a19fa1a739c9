-- SET NAMES and the variable ENCODING
set names 'latin1';
\echo :ENCODING
select 1 as one;
set names 'utf8';
\echo :ENCODING
