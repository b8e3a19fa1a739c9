-- The same, expanded
\x on
\pset format unaligned
select 1 as one, 'a|b' as two from generate_series(1, 2);
\pset format csv
select 1 as one, 'a,"b' as two from generate_series(1, 2);
\pset format html
select 1 as one, '<b>&' as two from generate_series(1, 2);
\pset format asciidoc
select 1 as one, 'a|b' as two from generate_series(1, 2);
\pset format latex
select 1 as one, 'a_b%' as two from generate_series(1, 2);
\pset format latex-longtable
select 1 as one, 'a_b%' as two from generate_series(1, 2);
\pset format troff-ms
select 1 as one, 'a\b' as two from generate_series(1, 2);
\pset format wrapped
select 1 as one, 'a b' as two from generate_series(1, 2);
\pset format aligned
select 1 as one, 'a b' as two from generate_series(1, 2);
