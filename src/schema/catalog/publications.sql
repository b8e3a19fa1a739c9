-- Publications.
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
