package history

import (
	"context"
	_ "embed" // the table
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

//go:embed legacy_write.sql
var legacyWrite string

// OpenToWriters reports whether every role may use the schema pleat, as those need who write to a table whose trigger notes it. Where
// an administrator made the schema and owns it, nobody but them can grant that.
func (l *Log) OpenToWriters(ctx context.Context) (open bool, err error) {
	err = l.conn.QueryRow(ctx, `SELECT coalesce(bool_and(pg_catalog.has_schema_privilege('public', oid, 'USAGE')), true)
		FROM pg_catalog.pg_namespace WHERE nspname = 'pleat'`, exec).Scan(&open)
	if err != nil {
		return false, fmt.Errorf("look who may use the schema pleat: %w", err)
	}
	return open, nil
}

// LegacyWrite is who wrote the old form of a column on a day.
type LegacyWrite struct {
	Schema, Relation, Attribute string
	Role, Application           string
	First, Last                 time.Time
}

// LegacyWrites reads who wrote through an old shape since a time, newest first.
func (l *Log) LegacyWrites(ctx context.Context, since time.Time) ([]LegacyWrite, error) {
	rows, err := l.conn.Query(ctx, `
		SELECT (pg_catalog.parse_ident(relation))[1], (pg_catalog.parse_ident(relation))[2], attribute, role, application,
			min(first_at), max(last_at) FROM pleat.legacy_write
		WHERE last_at >= $1 OR day >= ($1 AT TIME ZONE 'UTC')::date
		GROUP BY relation, attribute, role, application ORDER BY 7 DESC, 1, 2, 3, 4, 5`, exec, since)
	if err != nil {
		return nil, fmt.Errorf("read writes through an old shape: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (w LegacyWrite, err error) {
		err = row.Scan(&w.Schema, &w.Relation, &w.Attribute, &w.Role, &w.Application, &w.First, &w.Last)
		w.First, w.Last = w.First.UTC(), w.Last.UTC()
		return w, err
	})
	if err != nil {
		return nil, fmt.Errorf("read writes through an old shape: %w", err)
	}
	return list, nil
}
