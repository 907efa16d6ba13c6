SELECT n.oid,
       n.nspname AS name,
       pg_get_userbyid(n.nspowner) AS owner
  FROM pg_namespace n
 WHERE n.nspname !~ '^pg_'
   AND n.nspname NOT IN ('information_schema', 'pleat', 'pleat_backup')
   AND n.nspname NOT LIKE 'pleat\_restore\_%'
 ORDER BY n.nspname
