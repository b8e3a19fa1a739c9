-- Special variables go back when they are unset
\set QUIET on
\unset QUIET
\unset AUTOCOMMIT
\unset VERBOSITY
\unset FETCH_COUNT
\echo :QUIET :AUTOCOMMIT :VERBOSITY :FETCH_COUNT
create table t (n int);
