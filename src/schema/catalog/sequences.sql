-- Sequences; those of serial and identity columns belong to their table.
SELECT 'sequence', c.oid::regclass::text, o.owner_table::text, c.relname, 0, @address(pg_class, c.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(c.relowner),
           'unlogged', c.relpersistence = 'u',
           'type', format_type(s.seqtypid, NULL),
           'start', s.seqstart, 'increment', s.seqincrement, 'minimum', s.seqmin, 'maximum', s.seqmax, 'cache', s.seqcache,
           'cycle', s.seqcycle,
           'owned by', CASE o.deptype WHEN 'a' THEN o.owner_column END,
           'identity of', CASE o.deptype WHEN 'i' THEN o.owner_column END
       ) || @acl(s, c.relacl, c.relowner) || @remarks(pg_class, c.oid, 0),
       '{}'::jsonb
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_sequence AS s ON s.seqrelid = c.oid
LEFT JOIN LATERAL (
    SELECT d.deptype, d.refobjid::regclass AS owner_table,
           d.refobjid::regclass || '.' || quote_ident(a.attname) AS owner_column
    FROM pg_depend AS d
    JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
      AND d.refclassid = 'pg_class'::regclass
) AS o ON true
WHERE @user(n) AND @ours(pg_class, c.oid)
