-- Collation, storage and statistics are NULL where they are the default.
SELECT a.attrelid AS relation,
       a.attnum AS number,
       a.attname AS name,
       format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS not_null,
       cn.nspname AS collation_schema,
       co.collname AS collation_name,
       nullif(a.attstorage, t.typstorage) AS storage,
       /*since 14*/ a.attcompression /*else ''*/ AS compression,
       nullif(a.attstattarget, -1) AS statistics,
       -- pg_attver is the server's own mark on a column, which pg_dump leaves out too (15.20).
       CASE WHEN a.attoptions IS NOT NULL THEN
         (SELECT array_agg(o.option ORDER BY o.n) FROM unnest(a.attoptions) WITH ORDINALITY AS o (option, n)
           WHERE o.option NOT LIKE 'pg\_attver=%') END AS options,
       a.attidentity AS identity,
       a.attgenerated AS generated,
       a.attislocal AS local
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_collation co ON co.oid = a.attcollation AND a.attcollation <> t.typcollation
  LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
 WHERE a.attnum > 0
   AND NOT a.attisdropped
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
   AND c.relnamespace = ANY ($1::oid[])
 ORDER BY a.attrelid, a.attnum
