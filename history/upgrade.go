package history

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Upgraded says that the tables of an older pleat got what they lacked; detail.added names it.
const Upgraded Kind = "upgraded"

// additions are what came to the tables after their first version, with the script that adds each.
var additions = []struct{ name, script string }{{"legacy_write", legacyWrite}, {"lock", lockTable}}

// lacking says of each addition, in their order, whether it lacks.
const lacking = `
	SELECT pg_catalog.to_regprocedure('pleat.note_write(text,text)') IS NULL, pg_catalog.to_regclass('pleat.lock') IS NULL,
		pg_catalog.pg_has_role(n.nspowner, 'USAGE') OR pg_catalog.current_setting('is_superuser') = 'on'
	FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'log'
	WHERE n.nspname = 'pleat' AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')`

// Lacking names what the history lacks because an older pleat made it ("legacy_write", "lock"), and reports whether the role may add
// it: the owner of the schema pleat may. There is nothing where there is no history.
func (l *Log) Lacking(ctx context.Context) (lacks []string, may bool, err error) {
	absent := make([]bool, len(additions))
	err = l.conn.QueryRow(ctx, lacking, exec).Scan(&absent[0], &absent[1], &may)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("look what the history lacks: %w", err)
	}
	for i, a := range additions {
		if absent[i] {
			lacks = append(lacks, a.name)
		}
	}
	return lacks, may, nil
}

// Upgrade adds what the history of an older pleat lacks, and records that it did. It does nothing where nothing lacks; the
// error is the server's where the role does not own the schema pleat.
func (l *Log) Upgrade(ctx context.Context, tx pgx.Tx, e Event) error {
	tx = l.within(tx)
	lacks, _, err := l.Lacking(ctx)
	if err != nil || len(lacks) == 0 {
		return err
	}
	var added []any
	for _, name := range lacks {
		for _, a := range additions {
			if a.name != name {
				continue
			}
			if _, err := tx.Conn().PgConn().Exec(ctx, l.conn.in(a.script)).ReadAll(); err != nil {
				return fmt.Errorf("add what the history of an older pleat lacks: %w", err)
			}
			added = append(added, name)
		}
	}
	e.Kind, e.Detail = Upgraded, map[string]any{"added": added}
	_, err = l.Append(ctx, tx, e)
	return err
}
