-- Columns of tables and views, attributes of composite types.
SELECT CASE c.relkind WHEN 'c' THEN 'attribute' ELSE 'column' END,
       c.oid::regclass || '.' || quote_ident(a.attname), c.oid::regclass::text,
       a.attname, a.attnum,
       CASE c.relkind WHEN 'c' THEN @address(pg_type, c.reltype, 0) ELSE @address(pg_class, c.oid, a.attnum) END,
       jsonb_build_object(
           'type', format_type(a.atttypid, a.atttypmod),
           'collation', CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END,
           'default', CASE a.attgenerated WHEN '' THEN pg_get_expr(d.adbin, d.adrelid) END,
           'generated', CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END,
           'virtual', a.attgenerated = 'v',
           'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
           'not null', a.attnotnull,
           'statistics', nullif(a.attstattarget, -1),
           'storage', CASE WHEN a.attstorage <> t.typstorage AND c.relkind IN ('r', 'p', 'f', 'm') THEN
                           CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended' ELSE 'main' END END,
           'compression', CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END, -- from 14
           'options', (SELECT jsonb_agg(x ORDER BY x) FROM unnest(a.attoptions) AS x),
           'foreign options', (SELECT jsonb_agg(x ORDER BY x) FROM unnest(a.attfdwoptions) AS x),
           'inherited', CASE WHEN a.attinhcount > 0 THEN CASE WHEN a.attislocal THEN 'and local' ELSE 'only' END END
       ) || @acl(c, a.attacl, c.relowner) || @remarks(pg_class, c.oid, a.attnum),
       '{}'::jsonb
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE @user(n) AND @ours(pg_class, c.oid) AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')
  AND a.attnum > 0 AND NOT a.attisdropped
