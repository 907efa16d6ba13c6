package apply

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

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
	b.warn()
	for !b.finished() {
		if err := b.next(ctx); err != nil {
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

// survey finds the parts and their keys. Names are read under an empty search_path, so that they come out qualified.
func (b *batches) survey(ctx context.Context) error {
	root, err := b.rootOf(ctx, b.stmt.Target)
	if err != nil {
		return err
	}
	var path string
	if err := b.conn.QueryRow(ctx, "SELECT pg_catalog.current_setting('search_path')", query).Scan(&path); err != nil {
		return fmt.Errorf("read search_path: %w", err)
	}
	if err := b.set(ctx, true, setting{"search_path", ""}); err != nil {
		return err
	}
	all, err := b.members(ctx, root, b.stmt.Only)
	if err != nil {
		return err
	}
	parts, moving, err := withRows(all)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err := b.chooseKey(ctx, p, b.w.step.Batch.Key); err != nil {
			return err
		}
	}
	if err := movesRows(b.stmt, parts, moving); err != nil {
		return err
	}
	b.root, b.parts = root, parts
	if err := b.set(ctx, true, setting{"search_path", path}); err != nil {
		return err
	}
	return b.remember(ctx)
}

// printed are the settings under which a key's text reads back to the same value.
var printed = []setting{{"datestyle", "ISO, YMD"}, {"intervalstyle", "iso_8601"}, {"extra_float_digits", "1"}, {"bytea_output", "hex"}}

// remember reads how the step itself wants such values printed.
func (b *batches) remember(ctx context.Context) error {
	b.prints = nil
	for _, p := range printed {
		var value string
		if err := b.conn.QueryRow(ctx, "SELECT pg_catalog.current_setting($1)", query, p.name).Scan(&value); err != nil {
			return fmt.Errorf("read settings: %w", err)
		}
		b.prints = append(b.prints, setting{p.name, value})
	}
	return nil
}

// key reads one key as text.
func (b *batches) key(ctx context.Context, sql string, args ...any) ([]string, error) {
	if err := b.set(ctx, true, printed...); err != nil {
		return nil, err
	}
	var key []string
	err := b.conn.QueryRow(ctx, sql, append([]any{query}, args...)...).Scan(&key)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	for _, v := range key {
		if !utf8.ValidString(v) {
			return nil, &Refused{Code: "batch", Reason: "a value of the key is not valid in the database's own encoding", Next: "name another key: -- pleat: batch table=… key=…"}
		}
	}
	return key, b.set(ctx, true, b.prints...)
}

// bounds fixes how far the step goes.
func (b *batches) bounds(ctx context.Context) error {
	b.state = &history.Backfill{Version: b.w.m.Version, Step: b.w.number(), Checksum: b.w.checksum, Relation: b.w.step.Batch.Table}
	for i, p := range b.parts {
		stored := history.BackfillPart{OID: p.oid, Relation: p.sql(), Key: p.columns()}
		var err error
		if stored.Rows, err = b.rowsOf(ctx, p); err != nil {
			return err
		}
		if len(p.key) > 0 {
			last, err := b.key(ctx, p.highest())
			if err != nil {
				return fmt.Errorf("read the highest key of %s: %w", p.sql(), err)
			}
			stored.Last = last
		}
		if i == 0 {
			b.state.Key = stored.Key
		}
		b.state.Parts = append(b.state.Parts, stored)
	}
	if len(b.state.Key) == 0 {
		b.state.Key = []string{"ctid"}
	}
	b.state.Position = b.opening(0, b.state.Position)
	return nil
}

// opening is the position at the beginning of a part.
func (b *batches) opening(i int, before history.BackfillPosition) history.BackfillPosition {
	at := history.BackfillPosition{Part: i, Seen: before.Seen, Size: before.Size}
	if i < len(b.parts) && b.parts[i] != nil && len(b.parts[i].key) == 0 {
		at.Pages, at.Storage = b.parts[i].pages, b.parts[i].storage
	}
	return at
}

// warn says what cannot be promised about a part without a key.
func (b *batches) warn() {
	for _, p := range b.parts {
		if p != nil && len(p.key) == 0 && !b.stmt.Settles {
			b.say(Warned{fmt.Sprintf("%s has no key, and the statement does not leave out the rows that are done: rows that others write meanwhile may be "+
				"missed or done twice; a primary key, or WHERE column IS DISTINCT FROM its new value, prevents it", p.sql())})
		}
	}
}

func (b *batches) say(e Event) { b.session.opts.observe(e) }

// finished reports whether every part was gone through.
func (b *batches) finished() bool { return b.state.Position.Part >= len(b.state.Parts) }

// resume finds where an earlier run stopped; the state stays nil where it left none.
func (b *batches) resume(ctx context.Context) error {
	all, err := b.log.Backfills(ctx, b.w.m.Version)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].Step == b.w.number() && !all[i].Complete() {
			b.state = &all[i]
		}
	}
	if b.state == nil {
		return nil
	}
	tx, err := b.conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := b.set(ctx, true, b.settings(b.w, 30*time.Second)...); err != nil {
		return err
	}
	if err := b.again(ctx); err != nil {
		return err
	}
	b.stale = true
	b.size = newSizer(b.opts, b.w.step.Batch.Size)
	if b.state.Position.Size > 0 {
		b.size.rows = b.state.Position.Size
	}
	return nil
}

// again finds the parts that the step began with.
func (b *batches) again(ctx context.Context) error {
	root, err := b.rootOf(ctx, b.stmt.Target)
	if err != nil {
		return err
	}
	b.root = root
	if err := b.remember(ctx); err != nil {
		return err
	}
	if err := b.set(ctx, true, setting{"search_path", ""}); err != nil {
		return err
	}
	all, err := b.members(ctx, root, b.stmt.Only)
	if err != nil {
		return err
	}
	b.parts = make([]*part, len(b.state.Parts))
	for i, stored := range b.state.Parts {
		p := locate(all, stored)
		if p == nil {
			b.say(Warned{stored.Relation + " is no part of " + b.state.Relation + " any more, so its rows are left as they are"})
			continue
		}
		if len(stored.Key) > 0 {
			if err := b.chooseKey(ctx, p, stored.Key); err != nil {
				return err
			}
		}
		b.parts[i] = p
	}
	return nil
}

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
	if err := b.mine(ctx); err != nil {
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

// mine makes sure that the run's lock is still held: without it, another run may be at work on the same rows.
func (b *batches) mine(ctx context.Context) error {
	held, err := b.holdsLock(ctx)
	if err != nil {
		return err
	}
	if !held {
		return &Refused{Code: "lock", Reason: "the run's lock is gone, so another run may be at work on the same rows", Next: "run it again: pleat apply goes on behind the last batch"}
	}
	return nil
}
