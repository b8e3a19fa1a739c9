-- A large object that stays
select lo_from_bytea(4711, 'text') as id;
\lo_export 4711 out.txt
