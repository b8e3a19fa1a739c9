WITH databases AS (
    SELECT d.* FROM pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.!~) NAMES
)
SELECT 'roles', pg_catalog.md5(pg_catalog.string_agg(pg_catalog.to_jsonb(r)::pg_catalog.text, ',' ORDER BY r.oid))
FROM pg_catalog.pg_authid AS r
UNION ALL
SELECT 'memberships', pg_catalog.md5(pg_catalog.string_agg((pg_catalog.to_jsonb(m))::pg_catalog.text, ',' ORDER BY m.roleid, m.member, m.grantor))
FROM pg_catalog.pg_auth_members AS m
UNION ALL
SELECT 'databases', pg_catalog.md5(pg_catalog.string_agg((pg_catalog.to_jsonb(d) - '{oid,datfrozenxid,datminmxid,dathasloginevt}'::pg_catalog.text[])::pg_catalog.text, ',' ORDER BY d.datname))
FROM databases AS d
UNION ALL
SELECT 'settings of databases and roles', pg_catalog.md5(pg_catalog.string_agg((pg_catalog.jsonb_build_array(d.datname, s.setrole, s.setconfig))::pg_catalog.text, ',' ORDER BY d.datname, s.setrole))
FROM pg_catalog.pg_db_role_setting AS s LEFT JOIN databases AS d ON d.oid OPERATOR(pg_catalog.=) s.setdatabase
WHERE s.setdatabase OPERATOR(pg_catalog.=) 0 OR d.oid IS NOT NULL
UNION ALL
SELECT 'tablespaces', pg_catalog.md5(pg_catalog.string_agg((pg_catalog.to_jsonb(t))::pg_catalog.text, ',' ORDER BY t.oid))
FROM pg_catalog.pg_tablespace AS t
UNION ALL
SELECT 'subscriptions', pg_catalog.md5(pg_catalog.string_agg((pg_catalog.to_jsonb(s) - 'subskiplsn')::pg_catalog.text, ',' ORDER BY s.oid))
FROM pg_catalog.pg_subscription AS s
UNION ALL
SELECT 'replication origins', pg_catalog.md5(pg_catalog.string_agg((pg_catalog.to_jsonb(o))::pg_catalog.text, ',' ORDER BY o.roident))
FROM pg_catalog.pg_replication_origin AS o
UNION ALL
SELECT 'replication slots', pg_catalog.md5(pg_catalog.string_agg((pg_catalog.jsonb_build_array(s.slot_name, s.plugin, s.slot_type, s.datoid))::pg_catalog.text, ',' ORDER BY s.slot_name))
FROM pg_catalog.pg_replication_slots AS s
WHERE NOT s.temporary
UNION ALL
SELECT 'security labels', pg_catalog.md5(pg_catalog.string_agg((pg_catalog.jsonb_build_array(l.classoid, coalesce(d.datname::pg_catalog.text, l.objoid::pg_catalog.text), l.provider, l.label))::pg_catalog.text, ',' ORDER BY l.classoid, d.datname, l.objoid, l.provider))
FROM pg_catalog.pg_shseclabel AS l LEFT JOIN databases AS d ON d.oid OPERATOR(pg_catalog.=) l.objoid AND l.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_database'::pg_catalog.regclass
WHERE l.classoid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_database'::pg_catalog.regclass OR d.oid IS NOT NULL
UNION ALL
SELECT 'comments on databases, roles and tablespaces', pg_catalog.md5(pg_catalog.string_agg((pg_catalog.jsonb_build_array(c.classoid, coalesce(d.datname::pg_catalog.text, c.objoid::pg_catalog.text), c.description))::pg_catalog.text, ',' ORDER BY c.classoid, d.datname, c.objoid))
FROM pg_catalog.pg_shdescription AS c LEFT JOIN databases AS d ON d.oid OPERATOR(pg_catalog.=) c.objoid AND c.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_database'::pg_catalog.regclass
WHERE NOT pg_catalog.starts_with(c.description, MARK)
  AND (c.classoid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_database'::pg_catalog.regclass OR d.oid IS NOT NULL)
UNION ALL
SELECT 'settings in files', pg_catalog.md5(pg_catalog.string_agg((pg_catalog.jsonb_build_array(f.sourcefile, f.name, f.setting, f.error))::pg_catalog.text, ',' ORDER BY f.seqno))
FROM pg_catalog.pg_file_settings AS f
UNION ALL
SELECT 'settings that wait for a restart', pg_catalog.md5(pg_catalog.string_agg((s.name)::pg_catalog.text, ',' ORDER BY s.name))
FROM pg_catalog.pg_settings AS s
WHERE s.pending_restart
UNION ALL
SELECT 'configuration files', pg_catalog.md5(pg_catalog.string_agg(
    pg_catalog.md5(pg_catalog.pg_read_binary_file(f.path, 0, 1000000000, true)), ',' ORDER BY f.path))
FROM (VALUES ('postgresql.auto.conf'), (pg_catalog.current_setting('config_file')),
      (pg_catalog.current_setting('hba_file')), (pg_catalog.current_setting('ident_file'))) AS f (path)
