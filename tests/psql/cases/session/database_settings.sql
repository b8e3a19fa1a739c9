-- Settings of a database and of a role in it
alter database work set work_mem = '5MB';
create role case_user;
alter role case_user in database work set statement_timeout = '1s';
