-- Properties of objects that the model does not hold, other than those that the queries of the kinds meet.
SELECT l.classoid AS class, l.objoid AS oid, l.objsubid AS sub, 'security label ' || l.provider AS what
  FROM pg_seclabel l
UNION ALL
SELECT 'pg_class'::regclass, c.conrelid, c.conkey[1], attribute.what
  FROM pg_constraint c
  JOIN pg_class r ON r.oid = c.conrelid
  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
 CROSS JOIN LATERAL (VALUES ('not null constraint not valid', NOT c.convalidated),
                            ('not null constraint no inherit', c.connoinherit),
                            ('not null constraint name ' || c.conname,
                             c.conislocal
                             AND octet_length(r.relname || a.attname) < 50
                             AND c.conname <> r.relname || '_' || a.attname || '_not_null'
                             -- A key makes a constraint local that has its name from the parent.
                             AND NOT EXISTS (SELECT FROM pg_inherits i JOIN pg_constraint p ON p.conrelid = i.inhparent
                                              WHERE i.inhrelid = c.conrelid AND p.contype = 'n' AND p.conname = c.conname))) AS attribute (what, holds)
 WHERE c.contype = 'n'
   AND attribute.holds
   AND c.connamespace = ANY ($1::oid[])
UNION ALL
SELECT 'pg_type'::regclass, c.contypid, 0, 'not null constraint name ' || c.conname
  FROM pg_constraint c
  JOIN pg_type t ON t.oid = c.contypid
 WHERE c.contype = 'n'
   AND octet_length(t.typname) < 50
   AND c.conname <> t.typname || '_not_null'
   AND c.connamespace = ANY ($1::oid[])
UNION ALL
SELECT DISTINCT 'pg_extension'::regclass::oid, e.refobjid, 0, 'privileges on members'
  FROM pg_depend e
  LEFT JOIN pg_class c ON e.classid = 'pg_class'::regclass AND c.oid = e.objid
  LEFT JOIN pg_proc p ON e.classid = 'pg_proc'::regclass AND p.oid = e.objid
  LEFT JOIN pg_init_privs i ON i.classoid = e.classid AND i.objoid = e.objid AND i.objsubid = 0
 WHERE e.deptype = 'e'
   AND e.refclassid = 'pg_extension'::regclass
   AND coalesce(c.relacl, p.proacl) IS DISTINCT FROM i.initprivs
   AND (c.oid IS NOT NULL OR p.oid IS NOT NULL)
 ORDER BY 1, 2, 3, 4
