-- Every database has plpgsql from initdb on, so it says nothing about the schema.
SELECT e.oid,
       e.extname AS name,
       e.extnamespace AS namespace,
       n.nspname AS schema,
       e.extversion AS version
  FROM pg_extension e
  JOIN pg_namespace n ON n.oid = e.extnamespace
 WHERE e.extname <> 'plpgsql'
 ORDER BY e.extname
