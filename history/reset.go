package history

import (
	"context"
	_ "embed" // the view
	"fmt"

	"github.com/jackc/pgx/v5"
)

// stateView shows what the log says about each migration since the last reset.
//
//go:embed state.sql
var stateView string

// Reset records that everything which was managed is gone: what the log says of migrations before it counts no more, and their batches begin
// anew. e gives the run and who asks for it.
func (l *Log) Reset(ctx context.Context, tx pgx.Tx, e Event) (Entry, error) {
	tx = l.within(tx)
	rows, err := tx.Query(ctx, "SELECT DISTINCT version FROM pleat.backfill ORDER BY 1", exec)
	if err != nil {
		return Entry{}, fmt.Errorf("read backfills: %w", err)
	}
	versions, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return Entry{}, fmt.Errorf("read backfills: %w", err)
	}
	for _, version := range versions {
		if err := l.ForgetBackfills(ctx, tx, version); err != nil {
			return Entry{}, err
		}
	}
	// An older pleat made a view that knows no resets.
	if _, err := tx.Conn().PgConn().Exec(ctx, l.conn.in(stateView)).ReadAll(); err != nil {
		return Entry{}, fmt.Errorf("let the view of states know resets: %w", err)
	}
	e.Kind = Reset
	return l.Append(ctx, tx, e)
}
