-- COMMIT AND CHAIN, ROLLBACK AND CHAIN
create table t (n int);
begin; insert into t values (1); commit and chain; insert into t values (2); rollback and chain; insert into t values (3); commit;
table t;
