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

// Upgraded says that the tables of an older pleat got what they lacked; detail.added names it.
const Upgraded Kind = "upgraded"

// Lacking reports whether the history was made by an older pleat that knew less, and whether the role may add what
// lacks: the owner of the schema pleat may. Both are false where there is no history.
func (l *Log) Lacking(ctx context.Context) (lacks, may bool, err error) {
	err = l.conn.QueryRow(ctx, `
		SELECT pg_catalog.to_regprocedure('pleat.note_write(text,text)') IS NULL,
			pg_catalog.pg_has_role(n.nspowner, 'USAGE') OR pg_catalog.current_setting('is_superuser') = 'on'
		FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'log'
		WHERE n.nspname = 'pleat' AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')`, exec).Scan(&lacks, &may)
	if err == pgx.ErrNoRows {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("look what the history lacks: %w", err)
	}
	return lacks, may, nil
}

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

// Upgrade adds what the history of an older pleat lacks, and records that it did. It does nothing where nothing lacks; the
// error is the server's where the role does not own the schema pleat.
func (l *Log) Upgrade(ctx context.Context, tx pgx.Tx, e Event) error {
	lacks, _, err := l.Lacking(ctx)
	if err != nil || !lacks {
		return err
	}
	if _, err := tx.Conn().PgConn().Exec(ctx, legacyWrite).ReadAll(); err != nil {
		return fmt.Errorf("add what the history of an older pleat lacks: %w", err)
	}
	e.Kind, e.Detail = Upgraded, map[string]any{"added": []any{"legacy_write"}}
	_, err = l.Append(ctx, tx, e)
	return err
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
