package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// settleDetach looks where a partition stands. DETACH PARTITION CONCURRENTLY marks it in one transaction and takes it away in the next
// (PostgreSQL 14 and later, tablecmds.c, ATExecDetachPartition); the mark stays when it is interrupted in between, even by an error
// that the server told, and refuses a second DETACH. FINALIZE ends it.
func (r *runner) settleDetach(ctx context.Context, m sqltext.Mark, doubt *history.InDoubt) (finding, error) {
	table, partition := schema.Qualified(m.Of.Schema, m.Of.Name), schema.Qualified(m.Name.Schema, m.Name.Name)
	var pending bool
	err := r.conn.QueryRow(ctx, `SELECT coalesce((pg_catalog.to_jsonb(i) ->> 'inhdetachpending')::boolean, false) FROM pg_catalog.pg_inherits i
		WHERE inhparent = pg_catalog.to_regclass($1) AND inhrelid = pg_catalog.to_regclass($2)`, query, table, partition).Scan(&pending)
	gone := errors.Is(err, pgx.ErrNoRows)
	switch {
	case gone && (doubt.Existed || doubt.Refused):
		return finding{}, nil
	case gone:
		return finding{true, describe(m)}, nil
	case err != nil:
		return finding{}, fmt.Errorf("look for partition %s: %w", partition, err)
	case !pending:
		return finding{}, nil
	}
	if err := r.set(ctx, false, setting{"lock_timeout", "0"}); err != nil {
		return finding{}, err
	}
	if _, err := r.exec(ctx, "ALTER TABLE "+table+" DETACH PARTITION "+partition+" FINALIZE"); err != nil {
		return finding{}, fmt.Errorf("end the interrupted detaching of %s: %w", partition, err)
	}
	r.stale = true
	return finding{true, describe(m) + ", after its detaching was ended with FINALIZE"}, r.set(ctx, false, pinned...)
}
