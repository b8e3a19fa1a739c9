-- A file that takes nothing of a large object
begin;
\lo_import files/object.txt
\lo_export :LASTOID /dev/full
select 2;
