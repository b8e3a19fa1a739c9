-- \set alone lists variables in order
\set zebra 1
\set apple 2
\set
