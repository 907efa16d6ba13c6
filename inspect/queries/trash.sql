SELECT 'column' AS kind, n.nspname AS namespace, c.relname AS parent, a.attname AS name
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND a.attname LIKE '\_drop\_%'
UNION ALL
SELECT 'table', n.nspname, '', c.relname
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND n.nspname LIKE 'pleat\_trash\_%'
UNION ALL
SELECT 'schema', '', '', n.nspname
  FROM pg_namespace n
 WHERE n.nspname LIKE 'pleat\_trash\_%'
UNION ALL
SELECT 'trigger', n.nspname, c.relname, t.tgname
  FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgname LIKE 'zzz\_pleat\_drop\_%'
UNION ALL
SELECT 'function', n.nspname, '', p.proname
  FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE p.pronargs = 0 AND p.proname LIKE 'zzz\_pleat\_drop\_%'
UNION ALL
SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' ELSE 'composite' END, n.nspname, '', t.typname
  FROM pg_type t
  JOIN pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_class c ON c.oid = t.typrelid
 WHERE (t.typtype IN ('e', 'd') OR c.relkind = 'c') AND n.nspname LIKE 'pleat\_trash\_%'
