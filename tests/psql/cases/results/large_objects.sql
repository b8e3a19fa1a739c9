-- \lo_import, \lo_export, \lo_unlink
\lo_import files/object.txt 'a comment'
select :LASTOID > 0 as made;
\lo_export :LASTOID out.txt
select convert_from(lo_get(:LASTOID), 'UTF8') as text;
\lo_unlink :LASTOID
select count(*) from pg_largeobject_metadata;
