-- The shell's code for a program that is not there
\copy (select 1) to program 'cat > written; exit 127'
select 2;
