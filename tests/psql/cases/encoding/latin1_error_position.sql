-- An error behind LATIN1 letters
set client_encoding = latin1;
select 'הצü', nothing;
