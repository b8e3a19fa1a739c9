-- Schemas, extensions, languages, access methods, and what their owners give away by default.
SELECT 'schema', quote_ident(n.nspname), NULL, n.nspname, 0, @address(pg_namespace, n.oid, 0),
       jsonb_build_object('owner', pg_get_userbyid(n.nspowner))
       || @acl(n, n.nspacl, n.nspowner) || @remarks(pg_namespace, n.oid, 0),
       '{}'::jsonb
FROM pg_namespace AS n
WHERE @user(n) AND (n.nspname = 'public' OR @ours(pg_namespace, n.oid))
UNION ALL
SELECT 'extension', quote_ident(e.extname), NULL, e.extname, 0, @address(pg_extension, e.oid, 0),
       jsonb_build_object('version', e.extversion, 'schema', e.extnamespace::regnamespace::text,
                                     'owner', pg_get_userbyid(e.extowner))
       || @remarks(pg_extension, e.oid, 0),
       '{}'::jsonb
FROM pg_extension AS e
UNION ALL
SELECT 'language', quote_ident(l.lanname), NULL, l.lanname, 0, @address(pg_language, l.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(l.lanowner),
           'definition', 'CREATE' || CASE WHEN l.lanpltrusted THEN ' TRUSTED' ELSE '' END
               || ' LANGUAGE ' || quote_ident(l.lanname)
               || CASE WHEN l.lanplcallfoid <> 0 THEN ' HANDLER ' || l.lanplcallfoid::regproc ELSE '' END
               || CASE WHEN l.laninline <> 0 THEN ' INLINE ' || l.laninline::regproc ELSE '' END
               || CASE WHEN l.lanvalidator <> 0 THEN ' VALIDATOR ' || l.lanvalidator::regproc ELSE '' END
       ) || @acl(l, l.lanacl, l.lanowner) || @remarks(pg_language, l.oid, 0),
       '{}'::jsonb
FROM pg_language AS l
WHERE @ours(pg_language, l.oid)
UNION ALL
SELECT 'access method', quote_ident(a.amname), NULL, a.amname, 0, @address(pg_am, a.oid, 0),
       jsonb_build_object(
           'definition', 'CREATE ACCESS METHOD ' || quote_ident(a.amname) || ' TYPE '
               || CASE a.amtype WHEN 't' THEN 'TABLE' ELSE 'INDEX' END || ' HANDLER ' || a.amhandler
       ) || @remarks(pg_am, a.oid, 0),
       '{}'::jsonb
FROM pg_am AS a
WHERE @ours(pg_am, a.oid)
UNION ALL
SELECT 'default privileges', 'of ' || quote_ident(pg_get_userbyid(a.defaclrole))
           || ' on ' || k.word || coalesce(' in schema ' || quote_ident(n.nspname), ''),
       NULL, pg_get_userbyid(a.defaclrole), 0, @address(pg_default_acl, a.oid, 0),
       jsonb_build_object(
           'acl', a.defaclacl::text[],
           -- What is given in one schema comes on top of what is given everywhere.
           'default acl', CASE WHEN a.defaclnamespace = 0 THEN
               acldefault(CASE a.defaclobjtype WHEN 'S' THEN 's' ELSE a.defaclobjtype END, a.defaclrole)::text[] END),
       jsonb_build_object('objects', k.word, 'role', pg_get_userbyid(a.defaclrole), 'schema', n.nspname)
FROM pg_default_acl AS a
CROSS JOIN LATERAL (SELECT CASE a.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                           WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE a.defaclobjtype::text END) AS k (word)
LEFT JOIN pg_namespace AS n ON n.oid = a.defaclnamespace
WHERE n.nspname IS DISTINCT FROM 'dbctl'
