-- Names that gset makes, with a prefix and with nulls
select 1 as one, null as nothing, 'x y' as text \gset p_
\echo :p_one :p_nothing :{?p_nothing} :p_text
select :'p_text' as t, :p_one + 1 as two;
