-- A word that is no UTF-8
create table ÿþ (n int);
