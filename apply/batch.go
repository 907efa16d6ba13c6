package apply

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// batches is a step at work in batches.
type batches struct {
	*runner
	w    *work
	stmt *sqltext.Batch
	opts Backfill
	// version is the server's, as a number such as 150018.
	version int
	root    uint32
	parts   []*part // as state.Parts; nil where one is gone since
	state   *history.Backfill
	size    *sizer
	ladder  ladder
	prints  []setting // how the step itself prints what a key may hold
	began   time.Time
	seen    int64 // in this run
	// blind and crowd are set once it was said that standbys and other sessions cannot be seen.
	blind, crowd bool
}

// batched runs a step in batches. Each is a transaction of its own, which also writes down how far it got, so that another run goes on
// exactly there.
func (r *runner) batched(ctx context.Context, w *work, doubt *history.InDoubt) error {
	begin := time.Now()
	stmt, err := sqltext.ReadBatch(w.step.Statements[0].SQL)
	if err != nil {
		return newStepError(w.m, w.step.Statements[0], err)
	}
	b := &batches{runner: r, w: w, stmt: stmt, opts: r.session.opts.Backfill.withDefaults(), began: begin}
	if err := b.open(ctx, doubt); err != nil {
		return b.place(err)
	}
	w.begun = true
	if err := b.warn(ctx); err != nil {
		return b.place(err)
	}
	for !b.finished() {
		err := interruption(ctx)
		if err == nil {
			err = b.next(ctx)
		}
		if err != nil {
			return b.stopped(ctx, b.place(err))
		}
	}
	if err := b.close(ctx, begin); err != nil {
		return b.place(err)
	}
	b.tell(0, true)
	if !w.m.Generated {
		return r.restore(ctx)
	}
	return nil
}

// place makes an error one of the step's statement. The server counts positions in the text that it got, which is not the file's.
func (b *batches) place(err error) error {
	var step *StepError
	if errors.As(err, &step) {
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		bare := *pg
		bare.Position = 0
		return newStepError(b.w.m, b.w.step.Statements[0], &bare)
	}
	return newStepError(b.w.m, b.w.step.Statements[0], err)
}

// open begins the step, or finds out where an earlier run stopped.
func (b *batches) open(ctx context.Context, doubt *history.InDoubt) error {
	l, err := b.runner.ladder(ctx)
	if err != nil {
		return err
	}
	b.ladder = *l
	if err := b.conn.QueryRow(ctx, "SELECT pg_catalog.current_setting('server_version_num')::int4", query).Scan(&b.version); err != nil {
		return fmt.Errorf("read the version of the server: %w", err)
	}
	if doubt != nil && !doubt.Refused {
		if err := b.resume(ctx); err != nil || b.state != nil {
			return err
		}
	}
	return b.retried(ctx, b.w, func(timeout time.Duration) error { return b.start(ctx, timeout) })
}

// stopped says how far the step got, and lets the file be mended where nothing of the step is in the database.
func (b *batches) stopped(ctx context.Context, cause error) error {
	var step *StepError
	if errors.As(cause, &step) {
		step.Rows, step.Batches = b.state.Rows, b.state.Batches
	}
	if b.conn.IsClosed() || ctx.Err() != nil {
		return cause
	}
	if !b.w.m.Generated {
		if err := b.restore(ctx); err != nil {
			return errors.Join(cause, err)
		}
	}
	if b.state.Batches > 0 {
		return cause
	}
	failed := b.w.event(history.StepFailed)
	failed.SQLState = sqlState(cause)
	if err := b.record(ctx, failed); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}

// start reads the bounds and writes them down with the row that says that the step began, in one transaction.
func (b *batches) start(ctx context.Context, timeout time.Duration) error {
	tx, err := b.conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := b.set(ctx, true, b.settings(b.w, timeout)...); err != nil {
		return err
	}
	if err := b.stepChecks(ctx, b.w); err != nil {
		return err
	}
	if err := b.survey(ctx); err != nil {
		return err
	}
	if err := b.bounds(ctx); err != nil {
		return err
	}
	if err := b.keep(ctx, tx, b.w); err != nil {
		return err
	}
	started := b.w.event(history.StepStarted)
	started.Detail = map[string]any{"batches": true, "table": b.state.Relation, "key": texts(b.state.Key), "estimate": b.estimate()}
	if _, err := b.log.Append(ctx, tx, b.event(started)); err != nil {
		return err
	}
	if err := b.log.StartBackfill(ctx, tx, b.state); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return b.uncommitted(err)
	}
	b.saved[b.w.checksum], b.stale = true, true
	b.size = newSizer(b.opts, b.w.step.Batch.Size)
	return nil
}

func texts(in []string) []any {
	out := make([]any, len(in))
	for i, s := range in {
		out[i] = s
	}
	return out
}

func (b *batches) uncommitted(err error) error {
	e := newStepError(b.w.m, migration.Statement{}, fmt.Errorf("commit: %w", err))
	e.Unknown = sqlState(err) == "" && !errors.Is(err, pgx.ErrTxCommitRollback)
	return e
}

// finished reports whether every part was gone through.
func (b *batches) finished() bool { return b.state.Position.Part >= len(b.state.Parts) }

// close writes down that every part was gone through, with the row that says that the step is done.
func (b *batches) close(ctx context.Context, begin time.Time) error {
	parts := []any{}
	for _, p := range b.state.Parts {
		parts = append(parts, map[string]any{"relation": p.Relation, "key": texts(p.Key), "last": texts(p.Last)})
	}
	sum := sha256.Sum256([]byte(b.w.step.Statements[0].SQL))
	proof := map[string]any{"parts": parts, "rows": b.state.Rows, "batches": b.state.Batches, "seen": b.state.Position.Seen, "statement": hex.EncodeToString(sum[:])}
	tx, err := b.conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := b.newcomers(ctx); err != nil {
		return err
	}
	if err := b.log.FinishBackfill(ctx, tx, b.state.Version, b.state.Step, proof); err != nil {
		return err
	}
	done := b.w.event(history.StepDone)
	done.Duration = time.Since(begin)
	done.Detail = map[string]any{"rows": b.state.Rows, "batches": b.state.Batches}
	if _, err := b.log.Append(ctx, tx, b.event(done)); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return b.uncommitted(err)
	}
	return nil
}
