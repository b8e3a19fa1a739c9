-- \gset of a statement without a result
create table t (n int) \gset
\echo after
