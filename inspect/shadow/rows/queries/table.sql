SELECT c.oid, n.nspname::text, c.relname::text,
	CASE WHEN c.relispartition THEN coalesce(pg_catalog.pg_partition_root(c.oid)::oid, c.oid) ELSE c.oid END,
	c.relkind = 'f', coalesce(pg_catalog.pg_get_partition_constraintdef(c.oid), '')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'f') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'pleat', 'pleat_backup')
	AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
		WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname
