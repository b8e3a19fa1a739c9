-- Cursors within a transaction block
begin;
declare c cursor for select generate_series(1, 5) as n;
fetch 2 from c;
move 1 in c;
fetch all from c;
close c;
commit;
