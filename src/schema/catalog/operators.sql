-- Operators, their classes and families, casts, transforms, conversions and collations.
SELECT 'operator', o.oid::regoperator::text, NULL, o.oprname, 0, @address(pg_operator, o.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(o.oprowner),
           'definition', 'CREATE OPERATOR ' || o.oprnamespace::regnamespace || '.' || o.oprname || ' (' || concat_ws(', ',
               'FUNCTION = ' || o.oprcode,
               'LEFTARG = ' || format_type(nullif(o.oprleft, 0), NULL),
               'RIGHTARG = ' || format_type(nullif(o.oprright, 0), NULL),
               'COMMUTATOR = OPERATOR(' || (SELECT x.oprnamespace::regnamespace || '.' || x.oprname FROM pg_operator AS x WHERE x.oid = o.oprcom) || ')',
               'NEGATOR = OPERATOR(' || (SELECT x.oprnamespace::regnamespace || '.' || x.oprname FROM pg_operator AS x WHERE x.oid = o.oprnegate) || ')',
               'RESTRICT = ' || nullif(o.oprrest::oid, 0)::regproc,
               'JOIN = ' || nullif(o.oprjoin::oid, 0)::regproc,
               CASE WHEN o.oprcanhash THEN 'HASHES' END, CASE WHEN o.oprcanmerge THEN 'MERGES' END) || ')')
       || @remarks(pg_operator, o.oid, 0),
       '{}'::jsonb
FROM pg_operator AS o
JOIN pg_namespace AS n ON n.oid = o.oprnamespace
WHERE @user(n) AND @ours(pg_operator, o.oid) AND o.oprcode <> 0
UNION ALL
SELECT 'operator family', n.oid::regnamespace || '.' || quote_ident(f.opfname) || ' using ' || m.amname, NULL, f.opfname, 0,
       @address(pg_opfamily, f.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(f.opfowner),
           'operators', (SELECT jsonb_agg(x ORDER BY x) FROM (SELECT o.amopstrategy || ' ' || o.amopopr::regoperator
                            || coalesce(' for order by ' || nullif(o.amopsortfamily, 0), '')
                         FROM pg_amop AS o WHERE o.amopfamily = f.oid) AS y (x)),
           'functions', (SELECT jsonb_agg(x ORDER BY x) FROM (SELECT p.amprocnum || ' (' || p.amproclefttype::regtype || ', '
                            || p.amprocrighttype::regtype || ') ' || p.amproc::oid::regprocedure
                         FROM pg_amproc AS p WHERE p.amprocfamily = f.oid) AS y (x)))
       || @remarks(pg_opfamily, f.oid, 0),
       jsonb_build_object('create', 'CREATE OPERATOR FAMILY ' || n.oid::regnamespace || '.' || quote_ident(f.opfname) || ' USING ' || m.amname)
FROM pg_opfamily AS f
JOIN pg_namespace AS n ON n.oid = f.opfnamespace
JOIN pg_am AS m ON m.oid = f.opfmethod
WHERE @user(n) AND @ours(pg_opfamily, f.oid)
UNION ALL
SELECT 'operator class', n.oid::regnamespace || '.' || quote_ident(c.opcname) || ' using ' || m.amname, NULL, c.opcname, 0,
       @address(pg_opclass, c.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(c.opcowner),
           'definition', 'CREATE OPERATOR CLASS ' || n.oid::regnamespace || '.' || quote_ident(c.opcname)
               || CASE WHEN c.opcdefault THEN ' DEFAULT' ELSE '' END || ' FOR TYPE ' || c.opcintype::regtype || ' USING ' || m.amname
               || ' FAMILY ' || (SELECT f.opfnamespace::regnamespace || '.' || quote_ident(f.opfname)
                                 FROM pg_opfamily AS f WHERE f.oid = c.opcfamily)
               || ' AS ' || concat_ws(', ', 'STORAGE ' || nullif(c.opckeytype, 0)::regtype,
                  (SELECT string_agg(x, ', ' ORDER BY x) FROM (
                      SELECT 'OPERATOR ' || o.amopstrategy || ' ' || o.amopopr::regoperator FROM pg_amop AS o
                      JOIN pg_depend AS d ON d.classid = 'pg_amop'::regclass AND d.objid = o.oid
                      WHERE d.refclassid = 'pg_opclass'::regclass AND d.refobjid = c.oid
                      UNION ALL
                      SELECT 'FUNCTION ' || p.amprocnum || ' (' || p.amproclefttype::regtype || ', ' || p.amprocrighttype::regtype || ') '
                             || p.amproc::oid::regprocedure FROM pg_amproc AS p
                      JOIN pg_depend AS d ON d.classid = 'pg_amproc'::regclass AND d.objid = p.oid
                      WHERE d.refclassid = 'pg_opclass'::regclass AND d.refobjid = c.oid) AS y (x))))
       || @remarks(pg_opclass, c.oid, 0),
       '{}'::jsonb
FROM pg_opclass AS c
JOIN pg_namespace AS n ON n.oid = c.opcnamespace
JOIN pg_am AS m ON m.oid = c.opcmethod
WHERE @user(n) AND @ours(pg_opclass, c.oid)
UNION ALL
SELECT 'cast', '(' || c.castsource::regtype || ' AS ' || c.casttarget::regtype || ')', NULL,
       c.castsource::regtype || ' AS ' || c.casttarget::regtype, 0, @address(pg_cast, c.oid, 0),
       jsonb_build_object(
           'definition', 'CREATE CAST (' || c.castsource::regtype || ' AS ' || c.casttarget::regtype || ') '
               || CASE c.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END
               || CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END)
       || @remarks(pg_cast, c.oid, 0),
       '{}'::jsonb
FROM pg_cast AS c
-- The cast of a range to its multirange comes with the type.
WHERE @ours(pg_cast, c.oid)
  AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_cast'::regclass
                  AND d.objid = c.oid AND d.deptype = 'i')
UNION ALL
SELECT 'transform', 'for ' || t.trftype::regtype || ' language ' || l.lanname, NULL, l.lanname, 0, @address(pg_transform, t.oid, 0),
       jsonb_build_object(
           'definition', 'CREATE TRANSFORM FOR ' || t.trftype::regtype || ' LANGUAGE ' || quote_ident(l.lanname) || ' (' || concat_ws(', ',
               'FROM SQL WITH FUNCTION ' || nullif(t.trffromsql::oid, 0)::regprocedure,
               'TO SQL WITH FUNCTION ' || nullif(t.trftosql::oid, 0)::regprocedure) || ')')
       || @remarks(pg_transform, t.oid, 0),
       '{}'::jsonb
FROM pg_transform AS t
JOIN pg_language AS l ON l.oid = t.trflang
WHERE @ours(pg_transform, t.oid)
UNION ALL
SELECT 'conversion', n.oid::regnamespace || '.' || quote_ident(c.conname), NULL, c.conname, 0, @address(pg_conversion, c.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(c.conowner),
           'definition', 'CREATE ' || CASE WHEN c.condefault THEN 'DEFAULT ' ELSE '' END || 'CONVERSION ' || n.oid::regnamespace || '.'
               || quote_ident(c.conname) || ' FOR ' || quote_literal(pg_encoding_to_char(c.conforencoding))
               || ' TO ' || quote_literal(pg_encoding_to_char(c.contoencoding)) || ' FROM ' || c.conproc)
       || @remarks(pg_conversion, c.oid, 0),
       '{}'::jsonb
FROM pg_conversion AS c
JOIN pg_namespace AS n ON n.oid = c.connamespace
WHERE @user(n) AND @ours(pg_conversion, c.oid)
UNION ALL
SELECT 'collation', n.oid::regnamespace || '.' || quote_ident(c.collname), NULL, c.collname, 0, @address(pg_collation, c.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(c.collowner),
           'definition', 'CREATE COLLATION ' || n.oid::regnamespace || '.' || quote_ident(c.collname) || ' (' || concat_ws(', ',
               'PROVIDER = ' || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
               'LOCALE = ' || quote_literal(c.colliculocale), -- from 15 before 17
               'LOCALE = ' || quote_literal(c.colllocale), -- from 17
               'LC_COLLATE = ' || quote_literal(c.collcollate), 'LC_CTYPE = ' || quote_literal(c.collctype),
               'RULES = ' || quote_literal(c.collicurules), -- from 16
               CASE WHEN NOT c.collisdeterministic THEN 'DETERMINISTIC = false' END) || ')')
       || @remarks(pg_collation, c.oid, 0),
       '{}'::jsonb
FROM pg_collation AS c
JOIN pg_namespace AS n ON n.oid = c.collnamespace
WHERE @user(n) AND @ours(pg_collation, c.oid)
