-- Indexes that stand for no constraint.
SELECT 'index', x.oid::regclass::text, i.indrelid::regclass::text, x.relname, 0,
       @address(pg_class, x.oid, 0),
       jsonb_build_object(
           'definition', pg_get_indexdef(x.oid),
           'invalid', NOT i.indisvalid,
           'clustered', i.indisclustered,
           'replica identity', i.indisreplident,
           'tablespace', (SELECT s.spcname FROM pg_tablespace AS s WHERE s.oid = x.reltablespace),
           'partition of', (SELECT h.inhparent::regclass FROM pg_inherits AS h WHERE h.inhrelid = x.oid),
           'statistics', (SELECT jsonb_agg(a.attnum || ': ' || a.attstattarget ORDER BY a.attnum) FROM pg_attribute AS a
                          WHERE a.attrelid = x.oid AND a.attstattarget >= 0)
       ) || @remarks(pg_class, x.oid, 0),
       jsonb_build_object(
           'unique', i.indisunique,
           'method', m.amname,
           'columns', (SELECT jsonb_agg(pg_get_indexdef(x.oid, k, true) ORDER BY k)
                       FROM generate_series(1, i.indnkeyatts) AS k),
           'plain columns', (SELECT jsonb_agg(a.attname ORDER BY u.n)
                       FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS u (attnum, n)
                       JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = u.attnum
                       WHERE u.n <= i.indnkeyatts),
           'predicate', pg_get_expr(i.indpred, i.indrelid, true)
       )
FROM pg_index AS i
JOIN pg_class AS x ON x.oid = i.indexrelid
JOIN pg_namespace AS n ON n.oid = x.relnamespace
JOIN pg_am AS m ON m.oid = x.relam
WHERE @user(n) AND @ours(pg_class, i.indrelid)
  AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = x.oid AND k.contype IN ('p', 'u', 'x'))
