-- \gset without a row
select 1 as a where false \gset
select 'never';
