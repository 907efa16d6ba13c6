SELECT c.oid,
       pg_get_viewdef(c.oid, false) AS query
  FROM pg_class c
 WHERE c.relkind IN ('v', 'm')
   AND c.relnamespace = ANY ($1::oid[])
 ORDER BY c.oid
