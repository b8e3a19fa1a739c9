-- Privileges on what the system or an extension made, where they are no longer as it made them.
SELECT 'system privileges', o.type || ' ' || o.identity, NULL, o.identity, 0, NULL,
       jsonb_build_object('acl', a.acl::text[]),
       '{}'::jsonb
FROM (
    SELECT 'pg_class'::regclass AS class, oid AS object, 0 AS sub, relacl AS acl,
           CASE relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END AS code, relowner AS owner, relnamespace AS namespace
    FROM pg_class WHERE relacl IS NOT NULL
    UNION ALL
    SELECT 'pg_class'::regclass, t.attrelid, t.attnum, t.attacl, 'c', c.relowner, c.relnamespace
    FROM pg_attribute AS t JOIN pg_class AS c ON c.oid = t.attrelid
    WHERE t.attacl IS NOT NULL AND NOT t.attisdropped
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, 0, proacl, 'f', proowner, pronamespace
    FROM pg_proc WHERE proacl IS NOT NULL
    UNION ALL
    SELECT 'pg_type'::regclass, oid, 0, typacl, 'T', typowner, typnamespace
    FROM pg_type WHERE typacl IS NOT NULL
    UNION ALL
    SELECT 'pg_language'::regclass, oid, 0, lanacl, 'l', lanowner, 0
    FROM pg_language WHERE lanacl IS NOT NULL
    UNION ALL
    SELECT 'pg_namespace'::regclass, oid, 0, nspacl, 'n', nspowner, 0
    FROM pg_namespace WHERE nspacl IS NOT NULL AND nspname NOT IN ('public', 'information_schema')
) AS a
LEFT JOIN pg_init_privs AS i ON i.classoid = a.class AND i.objoid = a.object AND i.objsubid = a.sub
CROSS JOIN LATERAL pg_identify_object(a.class, a.object, a.sub) AS o
WHERE (a.object < 16384
       OR EXISTS (SELECT FROM pg_depend AS d
                  WHERE d.classid = a.class AND d.objid = a.object AND d.deptype = 'e'))
  AND a.namespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname IN ('dbctl', 'information_schema'))
  AND ARRAY(SELECT x::text FROM unnest(a.acl) AS x ORDER BY 1) <>
      ARRAY(SELECT x::text FROM unnest(coalesce(i.initprivs, acldefault(a.code, a.owner))) AS x ORDER BY 1)
