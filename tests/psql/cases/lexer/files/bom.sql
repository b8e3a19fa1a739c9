select 'included' as bom;
