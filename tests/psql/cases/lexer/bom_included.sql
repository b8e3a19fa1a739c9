-- A byte order mark in an included file
\i files/bom.sql
