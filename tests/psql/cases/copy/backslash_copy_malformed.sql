-- \copy without sense
create table t (n int);
\copy t sideways 'x'
select 'never';
