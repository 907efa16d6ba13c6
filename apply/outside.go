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

// outside runs a statement that cannot run in a transaction, between a row that says it began and a row that says it is done.
func (r *runner) outside(ctx context.Context, w *work) error {
	begin := time.Now()
	stmt := w.statements()[0]
	if err := r.clearLeftovers(ctx, w, nil); err != nil {
		return asStepError(w.m, err)
	}
	existed, err := r.before(ctx, stmt)
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
	if err := r.tryOutside(ctx, w, existed); err != nil {
		return r.refusedOutside(ctx, w, stmt, err)
	}
	done := w.event(history.StepDone)
	done.Duration, done.Detail = time.Since(begin), w.tries()
	if err := r.record(ctx, done); err != nil {
		return r.unrecorded(w, err)
	}
	return nil
}

// unrecorded explains that a statement ran and its row could not be written.
func (r *runner) unrecorded(w *work, err error) error {
	e := newStepError(w.m, migration.Statement{}, err)
	e.Unknown = r.conn.IsClosed() || lost(err)
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

// execOutside sends the statement with a lock_timeout, 0 for none, under the watcher's eye.
func (r *runner) execOutside(ctx context.Context, w *work, limit lockLimit, existed bool) error {
	stmt := w.statements()[0]
	to := []setting{{"lock_timeout", fmt.Sprintf("%dms", limit.timeout.Milliseconds())}}
	if w.m.Generated {
		to = append(to, setting{"search_path", ""}, setting{"check_function_bodies", "off"})
	}
	if err := r.set(ctx, false, to...); err != nil {
		return err
	}
	err := r.execWatched(ctx, w, limit, stmt)
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
	return r.proven(ctx, w, existed)
}

func (r *runner) execWatched(ctx context.Context, w *work, limit lockLimit, stmt migration.Statement) error {
	attempt := limit.timeout
	if !limit.again {
		attempt = 0
	}
	watching, err := r.watchOver(ctx, w, attempt)
	if err != nil {
		return err
	}
	defer watching.end()
	_, err = r.exec(ctx, stmt.SQL)
	return err
}

// refusedOutside records that the server refused, so that the next run need not wonder whether the statement still runs.
func (r *runner) refusedOutside(ctx context.Context, w *work, stmt migration.Statement, cause error) error {
	e := duplicated(newStepError(w.m, stmt, cause))
	var inner *StepError
	if errors.As(cause, &inner) {
		e = inner
	}
	if r.conn.IsClosed() || ctx.Err() != nil || lost(cause) {
		e.Unknown = true
		return e
	}
	if err := r.clearLeftovers(ctx, w, w.invalid); err != nil {
		r.opts.observe(Warned{"the invalid index that the statement left could not be dropped: " + err.Error()})
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
