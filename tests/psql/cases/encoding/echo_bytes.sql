-- \echo passes bytes on
\echo дя 'ц'
\set v д
\echo :v
