-- a setting that the server reports may have a value that is not UTF-8
set client_encoding to latin1;
create role "Müller" superuser;
set session authorization "Müller";
select session_user, current_setting('session_authorization') = session_user;
reset session authorization;
