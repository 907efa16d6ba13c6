-- Sizes of tables, materialized views and their indexes. With $2 they are asked of the files, for which the server locks each
-- relation for a moment; without it they are what the last VACUUM or ANALYZE saw.
SELECT c.oid,
       n.nspname AS schema,
       c.relname AS name,
       c.relkind AS kind,
       coalesce(t.relname, '') AS relation,
       coalesce(h.inhparent, 0) AS parent,
       c.reltuples::float8::text AS tuples,
       c.relpages AS pages,
       CASE WHEN $2::boolean THEN coalesce(pg_relation_size(c.oid), 0)
            ELSE c.relpages::bigint * current_setting('block_size')::bigint END AS main,
       CASE WHEN $2::boolean AND c.relkind IN ('r', 'm') THEN coalesce(pg_table_size(c.oid), 0)
            ELSE (c.relpages::bigint + coalesce(toast.relpages, 0)) * current_setting('block_size')::bigint END AS bytes,
       current_setting('block_size')::int AS block
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
  LEFT JOIN pg_index i ON i.indexrelid = c.oid
  LEFT JOIN pg_class t ON t.oid = i.indrelid
  LEFT JOIN pg_inherits h ON h.inhrelid = c.oid AND c.relispartition
 WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I')
   AND c.relnamespace = ANY ($1::oid[])
 ORDER BY c.oid
