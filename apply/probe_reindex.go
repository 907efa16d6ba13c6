package apply

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema"
)

// clearReindexed drops what an interrupted REINDEX of a whole schema or database left: invalid indexes whose names end in _ccnew (not
// complete) or _ccold (replaced, not yet dropped), with a number where the name was taken (PostgreSQL 12 and later, indexcmds.c,
// ReindexRelationConcurrently); none that some session still builds. What one of an index or table left is cleared with its step.
func (s *session) clearReindexed(ctx context.Context, namespace string) error {
	rows, err := s.conn.Query(ctx, `SELECT n.nspname::text, c.relname::text
		FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE NOT i.indisvalid AND c.relkind = 'i' AND c.relname ~ '_cc(new|old)[0-9]*$' AND n.nspname <> 'pg_toast' AND ($1 = '' OR n.nspname = $1)
			AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_progress_create_index b WHERE b.index_relid = i.indexrelid)
		ORDER BY 1, 2`, query, namespace)
	if err != nil {
		return fmt.Errorf("look for what an interrupted REINDEX left: %w", err)
	}
	left, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		var namespace, name string
		err := row.Scan(&namespace, &name)
		return schema.Qualified(namespace, name), err
	})
	if err != nil {
		return fmt.Errorf("look for what an interrupted REINDEX left: %w", err)
	}
	for _, index := range left {
		if err := s.dropIndex(ctx, index); err != nil {
			return err
		}
		s.opts.observe(Warned{"dropped the invalid index " + index + ", which an interrupted REINDEX left"})
	}
	return nil
}
