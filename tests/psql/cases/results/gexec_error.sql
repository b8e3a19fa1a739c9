-- An error in what \gexec carries out
select unnest(array['select 1 as one', 'select 1/0', 'select 3 as three']) \gexec
select 'never';
