-- An error in a variable's value
\set q 'select\n nothing'
select 1; :q;
