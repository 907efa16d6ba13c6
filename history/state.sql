
CREATE OR REPLACE VIEW pleat.state AS
SELECT DISTINCT ON (version)
       version, name, phase,
       CASE WHEN kind IN ('applied', 'rolled_back', 'failed', 'baseline', 'imported') THEN kind ELSE 'partial' END AS state,
       at, run, release, actor, checksum
FROM pleat.log
WHERE version IS NOT NULL
  AND id > coalesce((SELECT max(r.id) FROM pleat.log AS r WHERE r.kind IN ('reset', 'import_undone')), 0)
  AND kind IN ('step_started', 'step_done', 'applied', 'failed', 'undo_started', 'undo_done', 'rolled_back', 'baseline', 'imported', 'resolved')
  AND (kind <> 'imported' OR coalesce(detail ->> 'in_effect', 'true') <> 'false')
ORDER BY version, id DESC;
COMMENT ON VIEW pleat.state IS 'What the log says about each migration. "partial": a run was interrupted; run `pleat apply` again.';
