-- Publications and subscriptions.
SELECT 'publication', quote_ident(p.pubname), NULL, p.pubname, 0, @address(pg_publication, p.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(p.pubowner),
           'all tables', p.puballtables,
           'publishes', concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                                  CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END),
           'via root', p.pubviaroot,
           'generated columns', nullif(p.pubgencols::text, 'n'), -- from 18
           'schemas', (SELECT jsonb_agg(s.pnnspid::regnamespace::text ORDER BY s.pnnspid::regnamespace::text) -- from 15
                       FROM pg_publication_namespace AS s WHERE s.pnpubid = p.oid), -- from 15
           'tables', (SELECT jsonb_agg(x ORDER BY x) FROM (SELECT r.prrelid::regclass::text
                          || coalesce(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute AS a -- from 15
                                      WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[])) || ')', '') -- from 15
                          || coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', '') -- from 15
                      FROM pg_publication_rel AS r WHERE r.prpubid = p.oid) AS y (x)))
       || @remarks(pg_publication, p.oid, 0),
       '{}'::jsonb
FROM pg_publication AS p
WHERE @ours(pg_publication, p.oid)
UNION ALL
SELECT 'subscription', quote_ident(s.subname), NULL, s.subname, 0, @address(pg_subscription, s.oid, 0),
       jsonb_build_object(
           'disabled', NOT s.subenabled,
           'connection', regexp_replace(s.subconninfo, 'password\s*=\s*(''(?:[^''\\]|\\.)*''|\S+)', 'password=…', 'gi'), -- superuser
           'password', left(md5(substring(s.subconninfo, 'password\s*=.*')), 6), -- superuser
           'slot', s.subslotname,
           'synchronous commit', s.subsynccommit,
           'publications', to_jsonb(s.subpublications),
           'binary', s.subbinary, -- from 14
           'streaming', nullif(s.substream::text, 'f'), -- from 14
           'two phase', s.subtwophasestate <> 'd', -- from 15
           'disabled on error', s.subdisableonerr, -- from 15
           'origin', nullif(s.suborigin, 'any'), -- from 16
           'no password required', NOT s.subpasswordrequired, -- from 16
           'runs as owner', s.subrunasowner, -- from 16
           'failover', s.subfailover, -- from 17
           'owner', pg_get_userbyid(s.subowner))
       || @remarks(pg_subscription, s.oid, 0),
       '{}'::jsonb
FROM pg_subscription AS s
WHERE s.subdbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
