SELECT 'table' AS kind, n.nspname AS namespace, c.relname AS name
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname LIKE 'pleat\_trash\_%'
UNION
SELECT 'table', n.nspname, t.typname
  FROM pg_type t
  JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE n.nspname LIKE 'pleat\_trash\_%'
UNION
SELECT 'sequence', n.nspname, c.relname
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relname LIKE '\_drop\_%'
