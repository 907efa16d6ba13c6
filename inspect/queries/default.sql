-- Defaults and the expressions of generated columns.
SELECT d.oid,
       d.adrelid AS relation,
       d.adnum AS number,
       pg_get_expr(d.adbin, d.adrelid) AS expr
  FROM pg_attrdef d
  JOIN pg_class c ON c.oid = d.adrelid
 WHERE c.relnamespace = ANY ($1::oid[])
 ORDER BY d.adrelid, d.adnum
