-- Triggers that somebody made, and their clones on partitions; not those that foreign keys and deferrable keys work with,
-- unless one is switched off. tgisinternal does not tell them apart: before PostgreSQL 15 it is true of clones too.
SELECT t.oid,
       t.tgrelid AS relation,
       t.tgname AS name,
       t.tgparentid <> 0 AS clone,
       parent.tgenabled AS parent_enabled,
       t.tgenabled AS enabled,
       t.tgtype AS type,
       t.tgconstraint AS constraint,
       con.contype IS NOT NULL AND con.contype <> 't' AS system,
       t.tgdeferrable AS deferrable,
       t.tginitdeferred AS deferred,
       fromn.nspname AS from_schema,
       fromc.relname AS from_table,
       t.tgattr::int2[] AS columns,
       t.tgoldtable AS old_table,
       t.tgnewtable AS new_table,
       fn.nspname AS function_schema,
       f.proname AS function_name,
       t.tgnargs AS arg_count,
       t.tgargs AS args,
       t.tgqual IS NOT NULL AS conditional,
       CASE WHEN t.tgqual IS NOT NULL THEN pg_get_triggerdef(t.oid, false) END AS definition
  FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid
  JOIN pg_proc f ON f.oid = t.tgfoid
  JOIN pg_namespace fn ON fn.oid = f.pronamespace
  LEFT JOIN pg_constraint con ON con.oid = t.tgconstraint
  LEFT JOIN pg_trigger parent ON parent.oid = t.tgparentid
  LEFT JOIN pg_class fromc ON fromc.oid = t.tgconstrrelid
  LEFT JOIN pg_namespace fromn ON fromn.oid = fromc.relnamespace
 WHERE (NOT t.tgisinternal OR t.tgparentid <> 0 OR t.tgenabled <> 'O')
   AND (con.contype IS NULL OR con.contype = 't' OR t.tgenabled <> 'O')
   AND c.relnamespace = ANY ($1::oid[])
 ORDER BY t.oid
