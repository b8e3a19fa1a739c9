-- A read only transaction
set transaction read only;
select 1 as one;
begin read only; select 2 as two; commit;
