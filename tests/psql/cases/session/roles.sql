-- Roles, memberships and their settings
create role case_owner;
create role case_member login in role case_owner;
alter role case_member set search_path = s, public;
alter role case_member connection limit 5;
comment on role case_owner is 'owns';
create schema s authorization case_owner;
