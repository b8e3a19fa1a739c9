-- A backslash alone is no command, wherever it stands
\set ON_ERROR_STOP off
\
\\
\ echo hi
select 1 as one \\ select 2 as two;
select 3 as three;
