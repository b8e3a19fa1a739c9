-- Rules, triggers, event triggers and row security policies.
SELECT 'rule', r.ev_class::regclass || '.' || quote_ident(r.rulename), r.ev_class::regclass::text,
       r.rulename, 0, @address(pg_rewrite, r.oid, 0),
       jsonb_build_object('definition', pg_get_ruledef(r.oid), 'enabled', @firing(r.ev_enabled))
       || @remarks(pg_rewrite, r.oid, 0),
       '{}'::jsonb
FROM pg_rewrite AS r
JOIN pg_class AS c ON c.oid = r.ev_class
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE @user(n) AND @ours(pg_class, c.oid) AND r.rulename <> '_RETURN'
UNION ALL
SELECT 'trigger', t.tgrelid::regclass || '.' || quote_ident(t.tgname), t.tgrelid::regclass::text,
       t.tgname, 0, @address(pg_trigger, t.oid, 0),
       jsonb_build_object('definition', pg_get_triggerdef(t.oid), 'enabled', @firing(t.tgenabled),
                                     'inherited', t.tgparentid <> 0)
       || @remarks(pg_trigger, t.oid, 0),
       jsonb_build_object('function', t.tgfoid::regproc)
FROM pg_trigger AS t
JOIN pg_class AS c ON c.oid = t.tgrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE @user(n) AND @ours(pg_class, c.oid) AND (NOT t.tgisinternal OR t.tgparentid <> 0 AND t.tgconstraint = 0)
UNION ALL
SELECT 'event trigger', quote_ident(e.evtname), NULL, e.evtname, 0, @address(pg_event_trigger, e.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(e.evtowner),
           'definition', 'CREATE EVENT TRIGGER ' || quote_ident(e.evtname) || ' ON ' || e.evtevent
               || coalesce(' WHEN TAG IN (' || (SELECT string_agg(quote_literal(x), ', ') FROM unnest(e.evttags) AS x) || ')', '')
               || ' EXECUTE FUNCTION ' || e.evtfoid::regproc || '()',
           'enabled', @firing(e.evtenabled))
       || @remarks(pg_event_trigger, e.oid, 0),
       '{}'::jsonb
FROM pg_event_trigger AS e
WHERE @ours(pg_event_trigger, e.oid)
UNION ALL
SELECT 'policy', p.polrelid::regclass || '.' || quote_ident(p.polname), p.polrelid::regclass::text,
       p.polname, 0, @address(pg_policy, p.oid, 0),
       jsonb_build_object(
           'for', CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
           'restrictive', NOT p.polpermissive,
           'to', (SELECT jsonb_agg(r ORDER BY r) FROM (SELECT CASE x WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(x)) END
                  FROM unnest(p.polroles) AS x) AS y (r)),
           'using', pg_get_expr(p.polqual, p.polrelid),
           'with check', pg_get_expr(p.polwithcheck, p.polrelid))
       || @remarks(pg_policy, p.oid, 0),
       '{}'::jsonb
FROM pg_policy AS p
JOIN pg_class AS c ON c.oid = p.polrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE @user(n)
