-- A procedure that commits
create table t (n int);
create procedure p() language plpgsql as $$ begin insert into t values (1); commit; insert into t values (2); rollback; end $$;
call p();
table t;
