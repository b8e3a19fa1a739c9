-- The first true branch is taken
\if false
select 'if';
\elif true
select 'elif' as branch;
\elif true
select 'second elif';
\else
select 'else';
\endif
