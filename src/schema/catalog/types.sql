-- Types of every form; a table's row type and an array of another type are no types of their own.
SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'c' THEN 'composite type' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range type'
                      ELSE 'base type' END,
       t.oid::regtype::text, NULL, t.typname, 0, @address(pg_type, t.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(t.typowner),
           'values', (SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum AS e
                      WHERE e.enumtypid = t.oid),
           'type', CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
           'collation', CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation
                             THEN t.typcollation::regcollation::text END,
           'default', CASE WHEN t.typtype = 'd' THEN coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) END,
           'not null', t.typtype = 'd' AND t.typnotnull,
           'definition', CASE t.typtype
               WHEN 'r' THEN (
                   SELECT 'CREATE TYPE ' || t.oid::regtype || ' AS RANGE (' || concat_ws(', ',
                       'SUBTYPE = ' || format_type(r.rngsubtype, NULL),
                       'MULTIRANGE_TYPE_NAME = ' || r.rngmultitypid::regtype, -- from 14
                       'SUBTYPE_OPCLASS = ' || (SELECT o.opcnamespace::regnamespace || '.' || quote_ident(o.opcname)
                                                FROM pg_opclass AS o WHERE o.oid = r.rngsubopc),
                       'COLLATION = ' || nullif(r.rngcollation, 0)::regcollation,
                       'CANONICAL = ' || nullif(r.rngcanonical::oid, 0)::regproc,
                       'SUBTYPE_DIFF = ' || nullif(r.rngsubdiff::oid, 0)::regproc) || ')'
                   FROM pg_range AS r WHERE r.rngtypid = t.oid)
               WHEN 'p' THEN 'CREATE TYPE ' || t.oid::regtype
               WHEN 'b' THEN 'CREATE TYPE ' || t.oid::regtype || ' (' || concat_ws(', ',
                       'INPUT = ' || t.typinput, 'OUTPUT = ' || t.typoutput,
                       'RECEIVE = ' || nullif(t.typreceive::oid, 0)::regproc, 'SEND = ' || nullif(t.typsend::oid, 0)::regproc,
                       'TYPMOD_IN = ' || nullif(t.typmodin::oid, 0)::regproc, 'TYPMOD_OUT = ' || nullif(t.typmodout::oid, 0)::regproc,
                       'ANALYZE = ' || nullif(t.typanalyze::oid, 0)::regproc,
                       'SUBSCRIPT = ' || nullif(t.typsubscript::oid, 0)::regproc, -- from 14
                       'INTERNALLENGTH = ' || CASE t.typlen WHEN -1 THEN 'variable' ELSE t.typlen::text END,
                       CASE WHEN t.typbyval THEN 'PASSEDBYVALUE' END,
                       'ALIGNMENT = ' || CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4' ELSE 'double' END,
                       'STORAGE = ' || CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended' ELSE 'main' END,
                       'CATEGORY = ' || quote_literal(t.typcategory::text),
                       CASE WHEN t.typispreferred THEN 'PREFERRED = true' END,
                       'DEFAULT = ' || quote_literal(t.typdefault),
                       'ELEMENT = ' || format_type(nullif(t.typelem, 0), NULL),
                       'DELIMITER = ' || quote_literal(t.typdelim::text),
                       CASE WHEN t.typcollation <> 0 THEN 'COLLATABLE = true' END) || ')'
               END
       ) || @acl(T, t.typacl, t.typowner) || @remarks(pg_type, t.oid, 0),
       '{}'::jsonb
FROM pg_type AS t
JOIN pg_namespace AS n ON n.oid = t.typnamespace
LEFT JOIN pg_type AS b ON b.oid = t.typbasetype
LEFT JOIN pg_class AS c ON c.oid = t.typrelid
WHERE @user(n) AND @ours(pg_type, t.oid) AND t.typtype IN ('e', 'c', 'd', 'r', 'b', 'p')
  AND (t.typtype <> 'c' OR c.relkind = 'c')
  AND (t.typtype <> 'p' OR NOT t.typisdefined)
  AND NOT EXISTS (SELECT FROM pg_type AS e WHERE e.typarray = t.oid)
