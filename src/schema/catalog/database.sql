-- The database itself, and the roles of its server.
SELECT 'database', 'this database', NULL, '', 0, @address(pg_database, d.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(d.datdba),
           'encoding', pg_encoding_to_char(d.encoding),
           'collation', d.datcollate,
           'character type', d.datctype,
           'locale provider', CASE d.datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' END, -- from 15
           'locale', d.daticulocale, -- from 15 before 17
           'locale', d.datlocale, -- from 17
           'connection limit', nullif(d.datconnlimit, -1),
           'settings', (SELECT jsonb_agg(x ORDER BY x) FROM pg_db_role_setting AS s,
                        unnest(s.setconfig) AS x WHERE s.setdatabase = d.oid AND s.setrole = 0),
           'settings of roles', (SELECT jsonb_agg(pg_get_userbyid(s.setrole) || ': ' || x ORDER BY 1)
                        FROM pg_db_role_setting AS s, unnest(s.setconfig) AS x
                        WHERE s.setdatabase = d.oid AND s.setrole <> 0)
       ) || @acl(d, d.datacl, d.datdba),
       '{}'::jsonb
FROM pg_database AS d
WHERE d.datname = current_database()
UNION ALL
SELECT 'role', quote_ident(r.rolname), NULL, r.rolname, 0, @address(pg_authid, r.oid, 0),
       jsonb_build_object(
           'superuser', r.rolsuper,
           'no inherit', NOT r.rolinherit,
           'may create roles', r.rolcreaterole,
           'may create databases', r.rolcreatedb,
           'may log in', r.rolcanlogin,
           'may replicate', r.rolreplication,
           'bypasses row security', r.rolbypassrls,
           'connection limit', nullif(r.rolconnlimit, -1),
           'valid until', r.rolvaliduntil,
           'member of', (SELECT jsonb_agg(pg_get_userbyid(m.roleid)
                            || CASE WHEN m.admin_option THEN ' with admin option' ELSE '' END
                            || CASE WHEN NOT m.inherit_option THEN ' without inherit' ELSE '' END -- from 16
                            || CASE WHEN NOT m.set_option THEN ' without set' ELSE '' END -- from 16
                            ORDER BY pg_get_userbyid(m.roleid))
                         FROM pg_auth_members AS m WHERE m.member = r.oid),
           'settings', (SELECT jsonb_agg(x ORDER BY x) FROM pg_db_role_setting AS s,
                        unnest(s.setconfig) AS x WHERE s.setdatabase = 0 AND s.setrole = r.oid),
           'comment', shobj_description(r.oid, 'pg_authid')
       ),
       '{}'::jsonb
FROM pg_roles AS r
WHERE r.oid >= 16384
