-- :name is put in as if typed
\set t things
\set n 41
create table :t (n int); insert into :t values (:n + 1); select n from :t;
