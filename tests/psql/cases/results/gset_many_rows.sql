-- \gset with more than one row
select generate_series(1, 2) as a \gset
select 'never';
