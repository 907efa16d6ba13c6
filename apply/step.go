package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// work is what a step and a part of a way back have in common.
type work struct {
	m        *migration.Migration
	checksum string
	text     []byte // of the file
	step     *migration.Step
	undo     *migration.Undo // set on the way back, where step is nil
	// last is set when the migration is complete with it and nothing remains to be verified.
	last bool
	// begun is set once a step in batches has its row in pleat.backfill.
	begun bool
	// invalid are the indexes that were invalid before a statement that builds one.
	invalid []uint32
	// ended are the sessions of others that were ended for it, in words.
	ended []string
	// attempts is how often it was tried, and waited the time before the last attempt: attempts without locks, and the pauses after them.
	attempts int
	waited   time.Duration
}

func (w *work) batched() bool { return w.step != nil && w.step.Batch != nil }

func (w *work) number() int {
	if w.undo != nil {
		return w.undo.Step
	}
	return w.step.Number
}

func (w *work) title() string {
	if w.undo != nil {
		return ""
	}
	return w.step.Title
}

func (w *work) statements() []migration.Statement {
	if w.undo != nil {
		return w.undo.Statements
	}
	return w.step.Statements
}

func (w *work) outside() bool {
	if w.undo != nil {
		return w.undo.NoTransaction
	}
	return w.step.NoTransaction
}

// tries are what the log says of a step that had to wait for its locks; nothing of one that got them at once.
func (w *work) tries() map[string]any {
	if w.attempts < 2 && len(w.ended) == 0 {
		return nil
	}
	out := map[string]any{"attempts": w.attempts, "lock_wait_ms": w.lockWait().Milliseconds()}
	if len(w.ended) > 0 {
		out["ended"] = texts(w.ended)
	}
	return out
}

// lockWait is how long the work waited for its locks, as far as that is known: an attempt that got them may have waited too.
func (w *work) lockWait() time.Duration {
	if w.attempts < 2 {
		return 0
	}
	return w.waited
}

// event is one about this work; the kinds are those of steps and become those of the way back.
func (w *work) event(kind history.Kind) history.Event {
	e := history.Event{Kind: kind, Version: w.m.Version, Name: w.m.Name, Phase: w.m.Phase, Step: w.number(), Checksum: w.checksum}
	if w.undo == nil {
		return e
	}
	e.Part, e.Parts = w.undo.Part, w.undo.Parts
	e.Kind = map[history.Kind]history.Kind{
		history.StepStarted: history.UndoStarted, history.StepDone: history.UndoDone, history.StepFailed: history.UndoFailed,
	}[kind]
	return e
}

// step runs one step of a unit and brings its record up to date.
func (r *runner) step(ctx context.Context, u *unit, step *migration.Step) error {
	w := &work{m: u.Migration, checksum: u.file.Checksum, text: u.file.Text, step: step}
	w.last = !u.Bounded() && !step.NoTransaction && step.Batch == nil && step.Number == len(u.Steps)
	if u.record == nil || u.record.Status == history.StatusRolledBack {
		u.record = &history.Record{Version: u.Version}
	}
	doubt := u.record.InDoubt
	if doubt != nil && doubt.Step != step.Number {
		doubt = nil
	}
	if err := r.do(ctx, w, doubt); err != nil {
		if w.begun {
			u.record.InDoubt = &history.InDoubt{Step: step.Number, At: time.Now()}
		}
		return r.explain(err, w, u.stepsDone())
	}
	u.record.StepsDone, u.record.InDoubt = step.Number, nil
	return nil
}

// explain completes the error of a step.
func (r *runner) explain(err error, w *work, done int) error {
	var step *StepError
	if errors.As(err, &step) {
		if step.Step == 0 {
			step.Step, step.Title = w.number(), w.title()
		}
		step.Back, step.StepsDone = w.undo != nil, done
	}
	return err
}

// do runs one piece of work: settles it where an earlier run left it in doubt, else in a transaction or outside of one. Where the
// connection is lost on the way, what became of the work is settled at once if that can be.
func (r *runner) do(ctx context.Context, w *work, doubt *history.InDoubt) error {
	begin := time.Now()
	if err := interruption(ctx); err != nil {
		return newStepError(w.m, migration.Statement{}, err)
	}
	r.opts.observe(StepStarted{Migration: w.m, Step: w.number(), Title: w.title(), Back: w.undo != nil, Statements: w.statements()})
	var found finding
	var err error
	if doubt != nil && !w.batched() {
		if found, err = r.settle(ctx, w, doubt); err != nil {
			return placed(w, err)
		}
	}
	switch {
	case found.done:
		err = r.settled(ctx, w, found)
	case w.batched():
		err = r.batched(ctx, w, doubt)
	case w.outside():
		err = r.outside(ctx, w)
	default:
		err = r.transact(ctx, w)
	}
	if err != nil {
		if found, err = r.aftermath(ctx, w, placed(w, err)); err != nil {
			return err
		}
	}
	r.opts.observe(StepDone{Migration: w.m, Step: w.number(), Back: w.undo != nil, Duration: time.Since(begin), Settled: found.done,
		Attempts: w.attempts, LockWait: w.lockWait()})
	return nil
}

// transact runs the work in a transaction, again and again while it does not get its locks.
func (r *runner) transact(ctx context.Context, w *work) error {
	return r.retried(ctx, w, func(timeout time.Duration) error {
		err := r.attempt(ctx, w, timeout)
		if !w.m.Generated && !r.conn.IsClosed() && ctx.Err() == nil {
			if restored := r.restore(ctx); restored != nil {
				return errors.Join(err, restored)
			}
		}
		return err
	})
}

// attempt is one transaction: settings, checks, statements, the log's row.
func (r *runner) attempt(ctx context.Context, w *work, timeout time.Duration) error {
	begin := time.Now()
	tx, err := r.conn.Begin(ctx)
	if err != nil {
		return newStepError(w.m, migration.Statement{}, err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := r.set(ctx, true, r.settings(w, timeout)...); err != nil {
		return newStepError(w.m, migration.Statement{}, err)
	}
	if err := r.statementsWatched(ctx, w, timeout); err != nil {
		return err
	}
	if err := r.stillOurs(ctx, w); err != nil {
		return err
	}
	if err := r.journal(ctx, tx, w, begin); err != nil {
		return newStepError(w.m, migration.Statement{}, err)
	}
	r.stale = true
	if err := tx.Commit(ctx); err != nil {
		e := newStepError(w.m, migration.Statement{}, fmt.Errorf("commit: %w", err))
		e.Unknown = sqlState(err) == "" && !errors.Is(err, pgx.ErrTxCommitRollback)
		return e
	}
	r.saved[w.checksum] = true
	return nil
}

// statementsWatched runs the checks and statements of a transaction while the watcher looks. What follows them is not watched: nothing
// may cancel the COMMIT.
func (r *runner) statementsWatched(ctx context.Context, w *work, timeout time.Duration) error {
	watching, err := r.watchOver(ctx, w, timeout)
	if err != nil {
		return newStepError(w.m, migration.Statement{}, err)
	}
	defer watching.end()
	if err := r.stepChecks(ctx, w); err != nil {
		return err
	}
	for _, stmt := range w.statements() {
		if err := r.execIndex(ctx, w, stmt.SQL); err != nil {
			return duplicated(newStepError(w.m, stmt, err))
		}
	}
	return nil
}

// settings are those of a step's transaction.
func (r *runner) settings(w *work, timeout time.Duration) []setting {
	out := []setting{{"lock_timeout", fmt.Sprintf("%dms", max(timeout.Milliseconds(), 1))}}
	if w.m.Generated {
		out = append(out, setting{"search_path", ""}, setting{"check_function_bodies", "off"})
	}
	return out
}

// stepChecks runs the step's checks again, now under its transaction.
func (r *runner) stepChecks(ctx context.Context, w *work) error {
	if w.step == nil {
		return nil
	}
	for _, c := range w.step.Checks {
		result, err := r.check(ctx, w.m, w.step, c, withStep)
		if err != nil {
			return err
		}
		if result.Count > 0 {
			return newStepError(w.m, c.Query, &CheckError{[]Checked{result}})
		}
	}
	return nil
}

// journal writes the log's row into the work's own transaction. It runs with the role and settings of the session, which
// hand-written SQL may have changed.
func (r *runner) journal(ctx context.Context, tx pgx.Tx, w *work, begin time.Time) error {
	if !w.m.Generated {
		if _, err := r.exec(ctx, "RESET SESSION AUTHORIZATION"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "SELECT pg_catalog.set_config('role', $1, false)", query, r.role); err != nil {
			return err
		}
		if err := r.set(ctx, true, setting{"lock_timeout", "30s"}); err != nil {
			return err
		}
	}
	if err := r.keep(ctx, tx, w); err != nil {
		return err
	}
	done := w.event(history.StepDone)
	done.Duration, done.Detail = time.Since(begin), w.tries()
	if _, err := r.log.Append(ctx, tx, r.session.event(done)); err != nil {
		return err
	}
	if !w.last {
		return nil
	}
	end := history.Applied
	if w.undo != nil {
		end = history.RolledBack
	}
	e := r.about(w.m, w.checksum, history.Event{Kind: end, Duration: time.Since(begin)})
	_, err := r.log.Append(ctx, tx, r.session.event(e))
	return err
}

// keep saves the file's text once a run.
func (r *runner) keep(ctx context.Context, tx pgx.Tx, w *work) error {
	if r.saved[w.checksum] {
		return nil
	}
	return r.log.SaveFile(ctx, tx, r.fileEvent(w), w.m.File(), w.text)
}
