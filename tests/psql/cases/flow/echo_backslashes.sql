-- Two backslashes end the arguments
\echo one \\ select 2 as two;
\echo a\\ \echo b
