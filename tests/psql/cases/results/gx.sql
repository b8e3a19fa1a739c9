-- \gx shows one result expanded
select 1 as one, 'long value' as text \gx
select 1 as one, 2 as two \gx (border=2)
select 2 as two;
