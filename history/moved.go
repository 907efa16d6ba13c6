package history

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// moved is made when the first backfill without a key begins: few databases ever need it.
const moved = `CREATE TABLE pleat.backfill_moved (
    version text NOT NULL,
    step    integer NOT NULL,
    part    integer NOT NULL,
    tid     tid NOT NULL,
    xid     xid NOT NULL
);
CREATE INDEX ON pleat.backfill_moved (version, step, part, tid);
COMMENT ON TABLE pleat.backfill_moved IS
    'Where a backfill without a key put the rows that it changed, as far as it will come by there again.';
`

// needMoved creates the table of moved rows where a part is gone through by pages.
func (l *Log) needMoved(ctx context.Context, tx pgx.Tx, b *Backfill) error {
	tx = l.within(tx)
	exists, err := l.hasMoved(ctx, tx)
	if err != nil {
		return err
	}
	for _, p := range b.Parts {
		if len(p.Key) == 0 && !exists {
			_, err := tx.Conn().PgConn().Exec(ctx, l.conn.in(moved)).ReadAll()
			return err
		}
	}
	if !exists {
		return nil
	}
	return l.forgetMoved(ctx, tx, b.Version, b.Step)
}

func (l *Log) hasMoved(ctx context.Context, tx pgx.Tx) (exists bool, err error) {
	tx = l.within(tx)
	return exists, tx.QueryRow(ctx, "SELECT pg_catalog.to_regclass('pleat.backfill_moved') IS NOT NULL", exec).Scan(&exists)
}

// forgetMoved empties the table for a step, or for all steps where step is 0.
func (l *Log) forgetMoved(ctx context.Context, tx pgx.Tx, version string, step int) error {
	tx = l.within(tx)
	exists, err := l.hasMoved(ctx, tx)
	if err != nil || !exists {
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM pleat.backfill_moved WHERE version = $1 AND (step = $2 OR $2 = 0)", exec, version, step); err != nil {
		return fmt.Errorf("forget moved rows: %w", err)
	}
	return nil
}
