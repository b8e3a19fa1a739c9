-- A command that is none
select 1;
\nonsense with arguments
select 'never';
