-- Foreign keys that lead to a partitioned table have further rows for its partitions; their parent is of the same table.
SELECT c.conrelid, c.contype::text, c.conname::text, coalesce(pg_catalog.pg_get_expr(c.conbin, c.conrelid), ''), c.conkey,
	coalesce(c.confkey, '{}'),
	ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(c.confkey) WITH ORDINALITY AS k (num, place)
		JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num ORDER BY k.place),
	c.confrelid, CASE WHEN c.confrelid = 0 THEN '' ELSE c.confrelid::regclass::text END,
	coalesce((SELECT r.relkind <> 'p' FROM pg_catalog.pg_class r WHERE r.oid = c.confrelid), false), c.confmatchtype = 'f', c.condeferrable, c.convalidated
FROM pg_catalog.pg_constraint c
WHERE c.conrelid <> 0 AND c.contype IN ('c', 'f', 'p', 'u', 'x')
	AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint p WHERE p.oid = c.conparentid AND p.conrelid = c.conrelid)
ORDER BY c.conrelid, c.conname
