SELECT t.oid,
       n.nspname AS schema,
       t.typname AS name,
       pg_get_userbyid(t.typowner) AS owner,
       format_type(t.typbasetype, t.typtypmod) AS type,
       cn.nspname AS collation_schema,
       co.collname AS collation_name,
       t.typnotnull AS not_null,
       pg_get_expr(t.typdefaultbin, 0) AS default
  FROM pg_type t
  JOIN pg_namespace n ON n.oid = t.typnamespace
  JOIN pg_type base ON base.oid = t.typbasetype
  LEFT JOIN pg_collation co ON co.oid = t.typcollation AND t.typcollation <> base.typcollation
  LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
 WHERE t.typtype = 'd'
   AND t.typnamespace = ANY ($1::oid[])
 ORDER BY t.oid
