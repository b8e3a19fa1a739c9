-- COMMIT and ROLLBACK without a transaction
commit;
rollback;
begin; begin; commit;
