-- A new database from within a script
create database case_other template template0;
comment on database case_other is 'made';
