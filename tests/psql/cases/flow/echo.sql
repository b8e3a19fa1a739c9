-- \echo, \qecho and \warn, with -n and quotes
\echo one   two 'three   four' "five six"
\echo -n no newline
\echo ' then one'
\echo 'it''s' 'a\tb' '\x41'
\qecho to the query output
\warn to stderr
\echo
\echo -n
\warn -n partly
\warn ' whole'
