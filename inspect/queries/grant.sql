-- Access control lists that say something else than the default does. The sixth column tells whether there is any entry: a list
-- can be empty when all privileges were revoked from everybody.
WITH object (class, oid, sub, acl, initial) AS (
  SELECT 'pg_class'::regclass::oid, oid, 0, relacl,
         acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)
    FROM pg_class
   WHERE relacl IS NOT NULL AND relnamespace = ANY ($1::oid[])
  UNION ALL
  SELECT 'pg_class'::regclass, a.attrelid, a.attnum, a.attacl, NULL
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
   WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND c.relnamespace = ANY ($1::oid[])
  UNION ALL
  SELECT 'pg_namespace'::regclass, oid, 0, nspacl,
         CASE WHEN nspname <> 'public' THEN acldefault('n', nspowner)
              ELSE acldefault('n', nspowner)
                   || makeaclitem(0, nspowner, 'USAGE', false)
                   /*since 15*/ /*else || makeaclitem(0, nspowner, 'CREATE', false)*/
         END
    FROM pg_namespace
   WHERE nspacl IS NOT NULL AND oid = ANY ($1::oid[])
  UNION ALL
  SELECT 'pg_proc'::regclass, oid, 0, proacl, acldefault('f', proowner)
    FROM pg_proc
   WHERE proacl IS NOT NULL AND pronamespace = ANY ($1::oid[])
  UNION ALL
  SELECT 'pg_type'::regclass, oid, 0, typacl, acldefault('T', typowner)
    FROM pg_type
   WHERE typacl IS NOT NULL AND typnamespace = ANY ($1::oid[])
), entry AS (
  SELECT o.class, o.oid, o.sub, e.grantee, e.grantor, e.privilege_type, e.is_grantable, false AS initial
    FROM object o
   CROSS JOIN LATERAL aclexplode(o.acl) e
  UNION ALL
  SELECT o.class, o.oid, o.sub, e.grantee, e.grantor, e.privilege_type, e.is_grantable, true
    FROM object o
   CROSS JOIN LATERAL aclexplode(o.initial) e
  UNION ALL
  SELECT o.class, o.oid, o.sub, NULL, NULL, NULL, NULL, false
    FROM object o
   WHERE cardinality(o.acl) = 0
)
SELECT e.class,
       e.oid,
       e.sub,
       CASE WHEN e.grantee <> 0 THEN pg_get_userbyid(e.grantee) END AS role,
       e.privilege_type AS privilege,
       e.is_grantable AS grantable,
       pg_get_userbyid(e.grantor) AS grantor,
       e.initial
  FROM entry e
 ORDER BY e.class, e.oid, e.sub, e.initial
