-- One value that changes whenever somebody creates, changes or drops anything that deparsing looks at. A row's xmin
-- is the transaction that wrote it, so every change of a row changes the sum. Temporary relations, which
-- applications make all the time, do not count, nor do objects of initdb.
WITH relation AS (
  SELECT oid, xmin FROM pg_class WHERE oid >= 16384 AND relpersistence <> 't' AND relkind <> 't'
), written (xmin) AS (
  SELECT xmin FROM pg_namespace WHERE nspname NOT LIKE 'pg\_t%'
  UNION ALL SELECT xmin FROM relation
  UNION ALL SELECT a.xmin FROM pg_attribute a JOIN relation r ON r.oid = a.attrelid WHERE a.attnum > 0
  UNION ALL SELECT i.xmin FROM pg_index i JOIN relation r ON r.oid = i.indexrelid
  UNION ALL SELECT d.xmin FROM pg_attrdef d JOIN relation r ON r.oid = d.adrelid
  UNION ALL SELECT w.xmin FROM pg_rewrite w JOIN relation r ON r.oid = w.ev_class
  UNION ALL SELECT t.xmin FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid
  UNION ALL SELECT c.xmin FROM pg_constraint c JOIN relation r ON r.oid = c.conrelid
  UNION ALL SELECT xmin FROM pg_constraint WHERE conrelid = 0 AND oid >= 16384
  UNION ALL SELECT t.xmin FROM pg_type t JOIN relation r ON r.oid = t.typrelid
  UNION ALL SELECT xmin FROM pg_type WHERE typrelid = 0 AND typelem = 0 AND oid >= 16384
  UNION ALL SELECT xmin FROM pg_enum
  UNION ALL SELECT xmin FROM pg_policy
  UNION ALL SELECT xmin FROM pg_proc WHERE oid >= 16384
  UNION ALL SELECT xmin FROM pg_operator WHERE oid >= 16384
  UNION ALL SELECT xmin FROM pg_opclass WHERE oid >= 16384
  UNION ALL SELECT xmin FROM pg_collation WHERE oid >= 16384
)
SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) AS digest FROM written
