-- What needs what: pairs of addresses, each the object that a user knows.
WITH known (class, object, sub, of_class, of_object, of_sub) AS (
    SELECT 'pg_rewrite'::regclass, r.oid, 0, 'pg_class'::regclass, r.ev_class, 0
    FROM pg_rewrite AS r WHERE r.rulename = '_RETURN' AND r.oid >= 16384
    UNION ALL
    SELECT 'pg_attrdef'::regclass, d.oid, 0, 'pg_class'::regclass, d.adrelid, d.adnum
    FROM pg_attrdef AS d
    UNION ALL
    SELECT 'pg_type'::regclass, t.oid, 0, 'pg_class'::regclass, t.typrelid, 0
    FROM pg_type AS t JOIN pg_class AS c ON c.oid = t.typrelid WHERE c.relkind <> 'c' AND t.oid >= 16384
    UNION ALL
    SELECT 'pg_type'::regclass, t.typarray, 0, CASE WHEN c.relkind <> 'c' THEN 'pg_class' ELSE 'pg_type' END::regclass,
           CASE WHEN c.relkind <> 'c' THEN c.oid ELSE t.oid END, 0
    FROM pg_type AS t LEFT JOIN pg_class AS c ON c.oid = t.typrelid WHERE t.typarray >= 16384
    UNION ALL
    SELECT 'pg_class'::regclass, k.conindid, 0, 'pg_constraint'::regclass, k.oid, 0
    FROM pg_constraint AS k WHERE k.contype IN ('p', 'u', 'x')
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, a.attnum, 'pg_type'::regclass, c.reltype, 0
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid WHERE c.relkind = 'c' AND c.oid >= 16384
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, 0, 'pg_type'::regclass, c.reltype, 0
    FROM pg_class AS c WHERE c.relkind = 'c' AND c.oid >= 16384
)
SELECT DISTINCT 'needs', coalesce(f.of_class, d.classid::regclass)::oid || ' ' || coalesce(f.of_object, d.objid) || ' ' || coalesce(f.of_sub, d.objsubid),
       coalesce(t.of_class, d.refclassid::regclass)::oid || ' ' || coalesce(t.of_object, d.refobjid) || ' ' || coalesce(t.of_sub, d.refobjsubid)
FROM pg_depend AS d
LEFT JOIN known AS f ON f.class = d.classid AND f.object = d.objid AND f.sub = d.objsubid
LEFT JOIN known AS t ON t.class = d.refclassid AND t.object = d.refobjid AND t.sub = d.refobjsubid
WHERE d.objid >= 16384 AND d.refobjid >= 16384 AND d.deptype <> 'e'
