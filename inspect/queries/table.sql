-- Everything with columns: tables, views, materialized views, foreign tables and composite types.
SELECT c.oid,
       n.nspname AS schema,
       c.relname AS name,
       c.relkind AS kind,
       c.reltype AS row_type,
       pg_get_userbyid(c.relowner) AS owner,
       c.relpersistence = 'u' AS unlogged,
       am.amname AS access_method,
       ts.spcname AS tablespace,
       c.reloptions AS options,
       toast.reloptions AS toast_options,
       c.relreplident AS replica_identity,
       c.relrowsecurity AS row_security,
       c.relforcerowsecurity AS force_row_security,
       c.relispartition AS partition,
       c.relispopulated AS populated,
       pg_get_expr(c.relpartbound, c.oid) AS bound,
       ofn.nspname AS of_schema,
       oft.typname AS of_name
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_am am ON am.oid = c.relam
  LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
  LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid AND toast.reloptions IS NOT NULL
  LEFT JOIN pg_type oft ON oft.oid = c.reloftype
  LEFT JOIN pg_namespace ofn ON ofn.oid = oft.typnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
   AND c.relnamespace = ANY ($1::oid[])
 ORDER BY c.oid
