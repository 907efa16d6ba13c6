SELECT t.oid, n.nspname::text, t.typname::text, pg_catalog.format_type(t.oid, NULL), t.typtype::text, t.typcategory::text,
	CASE WHEN t.typcategory = 'A' AND t.typlen = -1 THEN t.typelem ELSE 0::oid END, t.typbasetype, t.typtypmod,
	CASE WHEN t.typbasetype = 0 THEN '' ELSE pg_catalog.format_type(t.typbasetype, t.typtypmod) END,
	(SELECT count(*)::int FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid), 0::oid,
	ARRAY(SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
	ARRAY(SELECT a.atttypmod FROM pg_catalog.pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
	ARRAY(SELECT pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
	ARRAY(SELECT pg_catalog.pg_get_expr(c.conbin, 0) FROM pg_catalog.pg_constraint c WHERE c.contypid = t.oid AND c.contype = 'c' ORDER BY c.conname)
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype IN ('b', 'c', 'd', 'e', 'r', 'm') AND n.nspname <> 'information_schema'
	-- row types of the catalogs' own tables are no columns of anybody
	AND NOT (t.typtype = 'c' AND n.nspname = 'pg_catalog')
