-- \c with dashes keeps what was
\c - postgres
select current_database(), current_user;
\connect - - - -
select current_database();
