-- An error behind letters of several bytes
select 'äöü漢字', nothing;
