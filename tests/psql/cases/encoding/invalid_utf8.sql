-- Bytes that are no UTF-8
select 1 as one;
select 'дц';
select 'never';
