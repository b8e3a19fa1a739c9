-- Functions, procedures and aggregates.
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END,
       p.oid::regprocedure::text, NULL, p.proname, 0, @address(pg_proc, p.oid, 0),
       jsonb_build_object('owner', pg_get_userbyid(p.proowner), 'definition', pg_get_functiondef(p.oid))
       || @acl(f, p.proacl, p.proowner) || @remarks(pg_proc, p.oid, 0),
       jsonb_build_object(
           'arguments', pg_get_function_arguments(p.oid),
           'returns', pg_get_function_result(p.oid),
           'language', l.lanname)
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_language AS l ON l.oid = p.prolang
WHERE @user(n) AND @ours(pg_proc, p.oid) AND p.prokind <> 'a'
UNION ALL
SELECT 'aggregate', p.oid::regprocedure::text, NULL, p.proname, 0, @address(pg_proc, p.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(p.proowner),
           'definition', 'CREATE AGGREGATE ' || p.pronamespace::regnamespace || '.' || quote_ident(p.proname)
               || '(' || CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_get_function_arguments(p.oid) END || ') (' || concat_ws(', ',
               'SFUNC = ' || a.aggtransfn, 'STYPE = ' || format_type(a.aggtranstype, NULL),
               'SSPACE = ' || nullif(a.aggtransspace, 0),
               'FINALFUNC = ' || nullif(a.aggfinalfn::oid, 0)::regproc,
               CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
               CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
               'COMBINEFUNC = ' || nullif(a.aggcombinefn::oid, 0)::regproc,
               'SERIALFUNC = ' || nullif(a.aggserialfn::oid, 0)::regproc,
               'DESERIALFUNC = ' || nullif(a.aggdeserialfn::oid, 0)::regproc,
               'INITCOND = ' || quote_literal(a.agginitval),
               'MSFUNC = ' || nullif(a.aggmtransfn::oid, 0)::regproc,
               'MINVFUNC = ' || nullif(a.aggminvtransfn::oid, 0)::regproc,
               'MSTYPE = ' || format_type(nullif(a.aggmtranstype, 0), NULL),
               'MSSPACE = ' || nullif(a.aggmtransspace, 0),
               'MFINALFUNC = ' || nullif(a.aggmfinalfn::oid, 0)::regproc,
               CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
               CASE WHEN a.aggmfinalfn <> 0 THEN 'MFINALFUNC_MODIFY = ' || CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
               'MINITCOND = ' || quote_literal(a.aggminitval),
               'SORTOP = ' || (SELECT 'OPERATOR(' || o.oprnamespace::regnamespace || '.' || o.oprname || ')'
                               FROM pg_operator AS o WHERE o.oid = a.aggsortop),
               CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END,
               CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END) || ')')
       || @acl(f, p.proacl, p.proowner) || @remarks(pg_proc, p.oid, 0),
       jsonb_build_object(
           'arguments', pg_get_function_arguments(p.oid),
           'returns', pg_get_function_result(p.oid))
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_aggregate AS a ON a.aggfnoid = p.oid
WHERE @user(n) AND @ours(pg_proc, p.oid)
