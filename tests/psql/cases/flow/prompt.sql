-- \prompt without a terminal reads a line of the input
\prompt 'name? ' who
\echo :who
\prompt other
\echo :other
