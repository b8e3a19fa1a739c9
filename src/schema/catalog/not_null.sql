-- From version 18 on, every NOT NULL is a constraint; only what the column does not tell is told here.
SELECT 'constraint', k.conrelid::regclass || '.' || quote_ident(k.conname), k.conrelid::regclass::text,
       k.conname, 0, @address(pg_constraint, k.oid, 0),
       jsonb_build_object('definition', pg_get_constraintdef(k.oid)) || @remarks(pg_constraint, k.oid, 0),
       jsonb_build_object('form', 'not null', 'columns', jsonb_build_array(a.attname))
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
WHERE @user(n) AND k.contype = 'n' AND @ours(pg_class, k.conrelid)
  AND (NOT k.convalidated OR k.connoinherit OR k.conname <> left(c.relname || '_' || a.attname, 54) || '_not_null'
       OR obj_description(k.oid, 'pg_constraint') IS NOT NULL)
