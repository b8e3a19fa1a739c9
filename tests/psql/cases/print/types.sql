-- Alignment goes by type
select 1::smallint as s, 2::bigint as b, 1.5::real as r, 'NaN'::numeric as n, '$1'::money as m, 1::oid as o, '1'::xid as x, '5'::text as t, '{1}'::int[] as a, true as bool, '1 day'::interval as i;
