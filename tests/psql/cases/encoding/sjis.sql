-- SJIS, whose second bytes may be backslashes and quotes
set client_encoding = 'sjis';
select 'ƒ\' = U&'\30BD' as so;
select length('ƒ\;•\') as three;
