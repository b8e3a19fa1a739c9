-- Backticks in an argument
\set v `echo from the shell`
\echo :v
