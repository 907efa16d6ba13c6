package apply

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// outside runs a statement that cannot run in a transaction, between a row that says it began and a row that says it is done.
func (r *runner) outside(ctx context.Context, w *work) error {
	begin := time.Now()
	stmt := w.statements()[0]
	existed, err := r.clearInvalid(ctx, stmt)
	if err != nil {
		return asStepError(w.m, err)
	}
	err = pgx.BeginFunc(ctx, r.conn, func(tx pgx.Tx) error {
		if err := r.checkedOutside(ctx, w); err != nil {
			return err
		}
		if err := r.keep(ctx, tx, w); err != nil {
			return err
		}
		started := w.event(history.StepStarted)
		if existed {
			started.Detail = map[string]any{"existed": true}
		}
		_, err := r.log.Append(ctx, tx, r.session.event(started))
		return err
	})
	if err != nil {
		return asStepError(w.m, err)
	}
	r.saved[w.checksum], r.stale = true, true
	if err := r.execOutside(ctx, w, stmt); err != nil {
		return r.refusedOutside(ctx, w, stmt, existed, err)
	}
	done := w.event(history.StepDone)
	done.Duration = time.Since(begin)
	if err := r.record(ctx, done); err != nil {
		return r.unrecorded(w, err)
	}
	return nil
}

// unrecorded explains that a statement ran and its row could not be written.
func (r *runner) unrecorded(w *work, err error) error {
	e := newStepError(w.m, migration.Statement{}, err)
	e.Unknown = r.conn.IsClosed()
	return e
}

// checkedOutside runs the step's checks; the statement itself cannot share their transaction.
func (r *runner) checkedOutside(ctx context.Context, w *work) error {
	if w.m.Generated {
		if err := r.set(ctx, true, r.settings(w, 30*time.Second)...); err != nil {
			return err
		}
	}
	return r.stepChecks(ctx, w)
}

// execOutside sends the statement without a lock_timeout: CREATE INDEX CONCURRENTLY waits for old snapshots under the same
// limit, and being cancelled there leaves an invalid index (measured on PostgreSQL 15). It blocks nobody while it waits.
func (r *runner) execOutside(ctx context.Context, w *work, stmt migration.Statement) error {
	to := []setting{{"lock_timeout", "0"}}
	if w.m.Generated {
		to = append(to, setting{"search_path", ""}, setting{"check_function_bodies", "off"})
	}
	if err := r.set(ctx, false, to...); err != nil {
		return err
	}
	_, err := r.exec(ctx, stmt.SQL)
	if r.conn.IsClosed() || ctx.Err() != nil {
		return err
	}
	if restored := r.restore(ctx); restored != nil {
		return errors.Join(err, restored)
	}
	if err != nil {
		return err
	}
	if err := r.stillOurs(ctx, w); err != nil {
		return err
	}
	return r.provenIndex(ctx, stmt)
}

// refusedOutside records that the server refused, so that the next run need not wonder whether the statement still runs.
func (r *runner) refusedOutside(ctx context.Context, w *work, stmt migration.Statement, existed bool, cause error) error {
	e := newStepError(w.m, stmt, cause)
	var inner *StepError
	if errors.As(cause, &inner) {
		e = inner
	}
	if r.conn.IsClosed() || ctx.Err() != nil {
		e.Unknown = true
		return e
	}
	if !existed {
		if _, err := r.clearInvalid(ctx, stmt); err != nil {
			r.opts.observe(Warned{"the invalid index that the statement left could not be dropped: " + err.Error()})
		}
	}
	failed := w.event(history.StepFailed)
	failed.SQLState = e.SQLState
	if err := r.record(ctx, failed); err != nil {
		return errors.Join(e, err)
	}
	return e
}

// asStepError gives bookkeeping errors the form of all others.
func asStepError(m *migration.Migration, err error) error {
	var e *StepError
	if errors.As(err, &e) {
		return err
	}
	return newStepError(m, migration.Statement{}, err)
}
