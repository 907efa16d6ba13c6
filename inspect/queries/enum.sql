SELECT t.oid,
       n.nspname AS schema,
       t.typname AS name,
       pg_get_userbyid(t.typowner) AS owner,
       e.labels
  FROM pg_type t
  JOIN pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN (SELECT enumtypid, array_agg(enumlabel::text ORDER BY enumsortorder) AS labels
               FROM pg_enum
              GROUP BY enumtypid) e ON e.enumtypid = t.oid
 WHERE t.typtype = 'e'
   AND t.typnamespace = ANY ($1::oid[])
 ORDER BY t.oid
