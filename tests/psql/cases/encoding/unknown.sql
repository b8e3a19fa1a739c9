-- An encoding that is none
\encoding klingon
select 'never';
