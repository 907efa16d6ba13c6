package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// fail records what happened, undoes the finished steps where that is wished, and completes the error.
func (r *runner) fail(ctx context.Context, i int, cause error) error {
	u := r.units[i]
	cause = r.halted(ctx, cause)
	var step *StepError
	if errors.As(cause, &step) {
		step.NotRun = migrationsOf(r.units[i+1:])
		if step.Next == "" {
			step.Next = next(u.Migration, step)
		}
	}
	if !r.reachable(ctx) {
		if step != nil {
			step.Next = "the connection is gone, so the failure is not in the log; run it again, which settles what is open and goes on: pleat apply"
		}
		return cause
	}
	if begunIn(step) || u.begun() {
		message := history.Event{Kind: history.Failed, SQLState: sqlState(cause), Detail: reasons(cause)}
		if err := r.record(ctx, r.about(u.Migration, u.file.Checksum, message)); err != nil {
			return errors.Join(cause, err)
		}
	}
	if err := r.failed(ctx, cause); err != nil {
		return errors.Join(cause, err)
	}
	if r.opts.OnFailure != Undo || errors.Is(cause, context.Canceled) {
		return cause
	}
	return r.undoFailed(ctx, u, cause)
}

// begunIn reports whether the migration was begun in which a step failed; one that was interrupted between two steps may not be.
func begunIn(e *StepError) bool { return e == nil || !e.Interrupted || e.Statement.SQL != "" }

// halted keeps what cancels statements away from the end of the run, and marks an error that comes from it.
func (r *runner) halted(ctx context.Context, cause error) error {
	r.stopper.hush()
	return interrupted(ctx, cause)
}

// reachable reports whether the end of the run can be written down, over a new connection if need be.
func (r *runner) reachable(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	return !r.conn.IsClosed() || r.regain(ctx) == nil
}

// reasons are what the log keeps of a failure.
func reasons(cause error) map[string]any {
	detail := map[string]any{"message": cause.Error()}
	if errors.Is(cause, context.Canceled) {
		detail["reason"] = "interrupted"
	}
	return detail
}

// failed records the end of a run that went wrong, with a snapshot of what is there now.
func (r *runner) failed(ctx context.Context, cause error) error {
	r.stopper.hush()
	if !r.reachable(ctx) {
		return nil
	}
	e := history.Event{Kind: history.RunFailed, SQLState: sqlState(cause)}
	if errors.Is(cause, context.Canceled) {
		e.Detail = map[string]any{"reason": "interrupted"}
	}
	if err := r.refresh(ctx); err != nil {
		return r.record(ctx, e)
	}
	return r.end(ctx, e)
}

// next is the advice after a step failed.
func next(m *migration.Migration, e *StepError) string {
	switch {
	case e.Interrupted && e.Statement.SQL == "" && e.StepsDone == 0 && e.Batches == 0:
		return "run it again: pleat apply"
	case e.Interrupted, broken(e):
		return fmt.Sprintf("run it again: pleat apply goes on at step %d", e.Step)
	case e.Batches > 0:
		return fmt.Sprintf("mend what stands in the way of step %d, and run again: pleat apply goes on behind the last batch", e.Step)
	case e.StepsDone == 0:
		return "mend the file (then run: pleat hash) or what stands in its way, and run again: pleat apply"
	}
	s := fmt.Sprintf("mend step %d or what stands in its way, and run again: pleat apply goes on there", e.Step)
	if ok, _ := m.Reversible(); ok {
		s += "; or take the finished steps back: pleat rollback --steps 1"
	}
	return s
}

// broken reports whether a step failed because its connection did: there is nothing to mend in it. Classes 08 and 57P are connection
// exceptions and a server or administrator that ends sessions.
func broken(e *StepError) bool {
	return e.Settling != "" || strings.HasPrefix(e.SQLState, "08") || strings.HasPrefix(e.SQLState, "57P")
}

// failBack records what happened on the way back and completes the error.
func (r *runner) failBack(ctx context.Context, b *back, cause error) error {
	cause = r.halted(ctx, cause)
	var step *StepError
	if errors.As(cause, &step) {
		if step.Next = "mend what stands in its way, and run it again: pleat rollback"; step.Interrupted {
			step.Next = "run it again, which goes on there: pleat rollback"
		}
	}
	if !r.reachable(ctx) {
		return cause
	}
	e := r.about(b.Migration, b.record.Checksum, history.Event{Kind: history.RollbackFailed, SQLState: sqlState(cause), Detail: reasons(cause)})
	if err := r.record(ctx, e); err != nil {
		return errors.Join(cause, err)
	}
	if err := r.failed(ctx, cause); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}

// undoFailed takes the finished steps of a migration that failed back, as OnFailure asks for: as a run of its own, with its own rows in
// the log. Where it is killed, the log shows a migration that is partly there or partly undone, as after a rollback that was killed.
func (r *runner) undoFailed(ctx context.Context, u *unit, cause error) error {
	b := &back{Migration: u.Migration, record: u.record, text: u.file.Text}
	if u.record == nil || u.stepsDone() == 0 && !b.batching() {
		return cause
	}
	b.record.Checksum = u.file.Checksum
	err := b.plan()
	if err == nil {
		err = losses([]*back{b}, false)
	}
	if err != nil {
		return errors.Join(cause, fmt.Errorf("the finished steps were not undone: %w", err))
	}
	if err := r.undoAlone(ctx, b); err != nil {
		return errors.Join(cause, fmt.Errorf("the finished steps could not be undone: %w", err))
	}
	var step *StepError
	if errors.As(cause, &step) {
		step.StepsDone, step.Rows, step.Batches = 0, 0, 0
		step.Next = "its finished steps were undone (run " + r.run + "); mend the file (then run: pleat hash) and run again: pleat apply"
	}
	return cause
}

// undoAlone is the run that takes a failed migration back.
func (r *runner) undoAlone(ctx context.Context, b *back) error {
	of := r.run
	r.run, r.command = history.NewRunID(time.Now()), CommandRollback
	started := history.Event{Kind: history.RunStarted, Detail: map[string]any{"command": CommandRollback, "cause": "on_failure", "failed_run": of}}
	if err := r.record(ctx, started); err != nil {
		return err
	}
	r.opts.observe(RunStarted{Run: r.run, Command: CommandRollback})
	r.opts.observe(MigrationStarted{Migration: b.Migration, Index: 1, Of: 1, Back: true, StepsDone: b.record.StepsDone})
	if err := r.undo(ctx, b); err != nil {
		return r.failBack(ctx, b, err)
	}
	if err := r.refresh(ctx); err != nil {
		return fmt.Errorf("end the run: %w", err)
	}
	if err := r.end(ctx, history.Event{Kind: history.RunFinished}); err != nil {
		return fmt.Errorf("end the run: %w", err)
	}
	return nil
}
