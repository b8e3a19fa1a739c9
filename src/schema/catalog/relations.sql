-- Tables, foreign tables, views and materialised views.
SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END,
       c.oid::regclass::text, NULL, c.relname, 0, @address(pg_class, c.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(c.relowner),
           'unlogged', c.relpersistence = 'u',
           'partitioned by', pg_get_partkeydef(c.oid),
           'partition of', CASE WHEN c.relispartition THEN (SELECT i.inhparent::regclass || ' ' || pg_get_expr(c.relpartbound, c.oid)
                                FROM pg_inherits AS i WHERE i.inhrelid = c.oid) END,
           'inherits', CASE WHEN NOT c.relispartition THEN (SELECT jsonb_agg(i.inhparent::regclass ORDER BY i.inhseqno)
                            FROM pg_inherits AS i WHERE i.inhrelid = c.oid) END,
           'of type', nullif(c.reloftype, 0)::regtype,
           'storage parameters', (SELECT jsonb_agg(x ORDER BY x) FROM (
                SELECT unnest(c.reloptions)
                UNION ALL SELECT 'toast.' || unnest(t.reloptions)) AS o (x)),
           'access method', CASE WHEN a.amname <> 'heap' THEN a.amname END,
           'tablespace', (SELECT s.spcname FROM pg_tablespace AS s WHERE s.oid = c.reltablespace),
           'row security', CASE WHEN c.relrowsecurity AND c.relforcerowsecurity THEN 'enabled, forced'
                                WHEN c.relrowsecurity THEN 'enabled' WHEN c.relforcerowsecurity THEN 'forced' END,
           'replica identity', CASE WHEN c.relkind IN ('r', 'p') THEN CASE c.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' WHEN 'i' THEN 'index' END END,
           'server', (SELECT quote_ident(s.srvname) FROM pg_foreign_table AS f
                      JOIN pg_foreign_server AS s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid),
           'options', (SELECT jsonb_agg(x ORDER BY x) FROM pg_foreign_table AS f, unnest(f.ftoptions) AS x
                       WHERE f.ftrelid = c.oid),
           'definition', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END
       ) || @acl(r, c.relacl, c.relowner) || @remarks(pg_class, c.oid, 0),
       '{}'::jsonb
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_class AS t ON t.oid = c.reltoastrelid
LEFT JOIN pg_am AS a ON a.oid = c.relam
WHERE @user(n) AND @ours(pg_class, c.oid) AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
