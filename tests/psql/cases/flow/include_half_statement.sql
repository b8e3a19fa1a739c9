-- A statement begun in one file is not ended in another
select 1 +
\i files/half.sql
2 as three;
