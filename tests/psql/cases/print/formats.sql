-- \pset format, each of them
\pset format unaligned
select 1 as one, 'a|b' as two, null as three;
\pset format csv
select 1 as one, 'a,"b' as two, null as three;
\pset format html
select 1 as one, '<b>&' as two, null as three;
\pset format asciidoc
select 1 as one, 'a|b' as two, null as three;
\pset format latex
select 1 as one, 'a_b%' as two, null as three;
\pset format latex-longtable
select 1 as one, 'a_b%' as two, null as three;
\pset format troff-ms
select 1 as one, 'a\b' as two, null as three;
\pset format wrapped
select 1 as one, 'a b' as two, null as three;
\pset format aligned
select 1 as one, 'a b' as two, null as three;
