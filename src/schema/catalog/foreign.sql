-- Foreign-data wrappers, servers and user mappings; a password is shown as a few digits of its hash.
SELECT 'foreign-data wrapper', quote_ident(f.fdwname), NULL, f.fdwname, 0, @address(pg_foreign_data_wrapper, f.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(f.fdwowner),
           'definition', 'CREATE FOREIGN DATA WRAPPER ' || quote_ident(f.fdwname)
               || CASE WHEN f.fdwhandler <> 0 THEN ' HANDLER ' || f.fdwhandler::regproc ELSE '' END
               || CASE WHEN f.fdwvalidator <> 0 THEN ' VALIDATOR ' || f.fdwvalidator::regproc ELSE '' END,
           'options', @options(f.fdwoptions))
       || @acl(F, f.fdwacl, f.fdwowner) || @remarks(pg_foreign_data_wrapper, f.oid, 0),
       '{}'::jsonb
FROM pg_foreign_data_wrapper AS f
WHERE @ours(pg_foreign_data_wrapper, f.oid)
UNION ALL
SELECT 'server', quote_ident(s.srvname), NULL, s.srvname, 0, @address(pg_foreign_server, s.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(s.srvowner),
           'wrapper', quote_ident(f.fdwname), 'type', s.srvtype, 'version', s.srvversion,
           'options', @options(s.srvoptions))
       || @acl(S, s.srvacl, s.srvowner) || @remarks(pg_foreign_server, s.oid, 0),
       '{}'::jsonb
FROM pg_foreign_server AS s
JOIN pg_foreign_data_wrapper AS f ON f.oid = s.srvfdw
WHERE @ours(pg_foreign_server, s.oid)
UNION ALL
SELECT 'user mapping', 'for ' || CASE m.umuser WHEN 0 THEN 'public' ELSE quote_ident(m.usename) END || ' server ' || quote_ident(m.srvname),
       NULL, m.usename, 0, @address(pg_user_mapping, m.umid, 0),
       jsonb_build_object('options', @options(m.umoptions)),
       '{}'::jsonb
FROM pg_user_mappings AS m
