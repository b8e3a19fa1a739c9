-- A program that is ended by a signal
\copy (select 1) to program 'cat > written; kill -9 $$'
select 2;
