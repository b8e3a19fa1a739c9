-- Special variables take no other values than theirs
\set ON_ERROR_STOP off
\set VERBOSITY loud
\set AUTOCOMMIT maybe
\set FETCH_COUNT many
\set ECHO some
\set SHOW_CONTEXT sometimes
\set ON_ERROR_ROLLBACK perhaps
\echo :VERBOSITY :AUTOCOMMIT :FETCH_COUNT :ECHO :SHOW_CONTEXT :ON_ERROR_ROLLBACK
