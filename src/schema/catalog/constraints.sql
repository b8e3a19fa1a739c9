-- Constraints of tables and domains, with what was said about the index behind them.
SELECT 'constraint',
       coalesce(nullif(k.conrelid, 0)::regclass::text, k.contypid::regtype::text)
           || '.' || quote_ident(k.conname),
       coalesce(nullif(k.conrelid, 0)::regclass::text, k.contypid::regtype::text),
       k.conname, 0, @address(pg_constraint, k.oid, 0),
       jsonb_build_object(
           'definition', pg_get_constraintdef(k.oid),
           'inherited', CASE WHEN k.coninhcount > 0 THEN CASE WHEN k.conislocal THEN 'and local' ELSE 'only' END END,
           'clustered', i.indisclustered,
           'replica identity', i.indisreplident,
           'tablespace', (SELECT s.spcname FROM pg_tablespace AS s WHERE s.oid = x.reltablespace),
           'storage parameters', (SELECT jsonb_agg(o ORDER BY o) FROM unnest(x.reloptions) AS o),
           'comment on its index', obj_description(x.oid, 'pg_class')
       ) || @remarks(pg_constraint, k.oid, 0),
       jsonb_build_object(
           'form', CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'x' THEN 'exclusion'
                                  WHEN 'f' THEN 'foreign key' ELSE 'check' END,
           'columns', (SELECT jsonb_agg(a.attname ORDER BY u.n) FROM unnest(k.conkey) WITH ORDINALITY AS u (attnum, n)
                       JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.attnum),
           'references', nullif(k.confrelid, 0)::regclass,
           'referenced columns', (SELECT jsonb_agg(a.attname ORDER BY u.n) FROM unnest(k.confkey) WITH ORDINALITY AS u (attnum, n)
                       JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.attnum),
           'deferrable', k.condeferrable,
           'index', CASE WHEN k.contype IN ('p', 'u', 'x') THEN x.relname END
       )
FROM pg_constraint AS k
JOIN pg_namespace AS n ON n.oid = k.connamespace
LEFT JOIN pg_index AS i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_class AS x ON x.oid = i.indexrelid
WHERE @user(n) AND k.contype IN ('p', 'u', 'x', 'f', 'c')
  AND CASE WHEN k.conrelid <> 0 THEN @ours(pg_class, k.conrelid) ELSE @ours(pg_type, k.contypid) END
