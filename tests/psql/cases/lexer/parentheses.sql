-- A semicolon within parentheses ends nothing
create table t (n int);
create rule r as on insert to t do also (select 1; select 2);
insert into t values (5);
select (1
+ 2
) as three;
