-- Indexes, those behind constraints too. What an element has beyond a column is in index_element.sql.
SELECT i.indexrelid AS oid,
       i.indrelid AS relation,
       n.nspname AS schema,
       c.relname AS name,
       am.amname AS method,
       i.indisunique AS unique,
       i.indisclustered AS clustered,
       i.indisreplident AS replica_identity,
       i.indisvalid AS valid,
       c.relkind = 'I' AS partitioned,
       /*since 15*/ i.indnullsnotdistinct /*else false*/ AS nulls_not_distinct,
       i.indnkeyatts AS keys,
       i.indkey::int2[] AS columns,
       i.indoption::int2[] AS flags,
       pg_get_expr(i.indpred, i.indrelid) AS predicate,
       c.reloptions AS options,
       ts.spcname AS tablespace,
       con.oid AS constraint
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_am am ON am.oid = c.relam
  LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
  LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x')
 WHERE c.relnamespace = ANY ($1::oid[])
 ORDER BY i.indexrelid
