-- One value that changes whenever somebody creates, changes or drops anything that deparsing functions look up by
-- themselves: names above all. What the queries read directly is of one snapshot anyway. A row's xmin is the transaction that
-- wrote it, so every change of a row changes the sum. Temporary relations, which applications make all the time,
-- do not count, nor do objects of initdb.
WITH relation AS (
  SELECT oid, xmin, relkind
    FROM pg_class
   WHERE oid >= 16384 AND relpersistence <> 't' AND relkind <> 't'
), written (xmin) AS (
  SELECT xmin FROM pg_namespace WHERE nspname NOT LIKE 'pg\_t%'
  UNION ALL SELECT xmin FROM relation
  UNION ALL SELECT a.xmin FROM pg_attribute a JOIN relation r ON r.oid = a.attrelid
             WHERE a.attnum > 0 AND r.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
  UNION ALL SELECT w.xmin FROM pg_rewrite w JOIN relation r ON r.oid = w.ev_class
  UNION ALL SELECT xmin FROM pg_trigger WHERE tgqual IS NOT NULL
  UNION ALL SELECT xmin FROM pg_type WHERE typrelid = 0 AND typelem = 0 AND oid >= 16384
  UNION ALL SELECT xmin FROM pg_enum
  UNION ALL SELECT xmin FROM pg_proc WHERE oid >= 16384
  UNION ALL SELECT xmin FROM pg_operator WHERE oid >= 16384
  UNION ALL SELECT xmin FROM pg_opclass WHERE oid >= 16384
  UNION ALL SELECT xmin FROM pg_collation WHERE oid >= 16384
)
SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) AS digest FROM written
