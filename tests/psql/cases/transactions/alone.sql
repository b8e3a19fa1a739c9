-- Statements that cannot run in a transaction
create table t (n int);
insert into t select generate_series(1, 100);
vacuum t;
create index concurrently on t (n);
reindex table concurrently t;
