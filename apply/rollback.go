package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// back is one migration on its way back.
type back struct {
	*migration.Migration
	record *history.Record
	text   []byte
	// parts are what is still to run.
	parts []migration.Undo
}

// Rollback undoes migrations in the reverse of the order in which the log says they went in, with the text that the log
// kept. Errors are those of [Run].
func Rollback(ctx context.Context, opts Options, sel Selection) (*Result, error) {
	// The way back comes from the log; what became of the files does not matter.
	opts.Dir = nil
	if err := errors.Join(opts.check(false), sel.check()); err != nil {
		return nil, err
	}
	var result *Result
	err := within(ctx, &opts, func(ctx context.Context, s *session, t *target) error {
		backs, err := s.choose(ctx, t, sel)
		if err != nil {
			return err
		}
		r := newRunner(s, t, nil, nil)
		result = r.result
		return r.backward(ctx, backs, CommandRollback)
	})
	return result, err
}

// backward checks and then undoes.
func (r *runner) backward(ctx context.Context, backs []*back, command string) error {
	earlier := newReach()
	for _, b := range backs {
		if b.record.Status == history.StatusApplied && b.Bounded() && !earlier.meets(b.Migration) {
			if err := scopeBack(r.target, b.Migration); err != nil {
				return err
			}
		}
		earlier.add(b.Migration)
	}
	if r.opts.DryRun {
		r.result.Pending = migrationsBack(backs)
		r.opts.observe(Finished{r.result})
		return nil
	}
	ctx, over := r.gracefully(ctx)
	defer over()
	if err := r.start(ctx, command); err != nil {
		return interrupted(ctx, err)
	}
	if err := r.prepare(ctx, command, migrationsBack(backs)); err != nil {
		return err
	}
	for i, b := range backs {
		r.opts.observe(MigrationStarted{Migration: b.Migration, Index: i + 1, Of: len(backs), Back: true, StepsDone: b.record.StepsDone})
		if err := r.undo(ctx, b); err != nil {
			return r.failBack(ctx, b, err)
		}
	}
	if err := r.refresh(ctx); err != nil {
		return fmt.Errorf("end the run: %w", err)
	}
	if err := r.checkBack(ctx, backs); err != nil {
		return fmt.Errorf("compare with what was there before: %w", err)
	}
	return r.finish(ctx)
}

func migrationsBack(backs []*back) []*migration.Migration {
	out := make([]*migration.Migration, len(backs))
	for i, b := range backs {
		out[i] = b.Migration
	}
	return out
}

// undo takes one migration back.
func (r *runner) undo(ctx context.Context, b *back) error {
	begin := time.Now()
	whole := b.record.Status == history.StatusApplied
	if whole && b.Bounded() {
		if err := r.refresh(ctx); err != nil {
			return err
		}
		if err := scopeBack(r.target, b.Migration); err != nil {
			return err
		}
	}
	if err := r.clearDoubt(ctx, b); err != nil {
		return err
	}
	recorded := false
	for i := range b.parts {
		w := &work{m: b.Migration, checksum: b.record.Checksum, text: b.text, undo: &b.parts[i]}
		w.last = i == len(b.parts)-1 && !b.Bounded() && !w.outside()
		doubt := b.record.InDoubt
		if doubt != nil && (!doubt.Undo || doubt.Step != w.undo.Step || doubt.Part != w.undo.Part) {
			doubt = nil
		}
		if err := r.do(ctx, w, doubt); err != nil {
			return r.explain(err, w, b.record.StepsDone)
		}
		b.record.InDoubt, recorded = nil, w.last
		if w.undo.Part == w.undo.Parts {
			b.record.StepsDone = max(w.undo.Step-1, 0)
		}
	}
	if b.Bounded() {
		if err := r.refresh(ctx); err != nil {
			return err
		}
		if err := scopeUndone(r.target, b.Migration); err != nil {
			return err
		}
	}
	if err := r.forget(ctx, b); err != nil {
		return err
	}
	took := time.Since(begin)
	if !recorded {
		e := r.about(b.Migration, b.record.Checksum, history.Event{Kind: history.RolledBack, Duration: took})
		if err := r.record(ctx, e); err != nil {
			return err
		}
	}
	b.record.StepsDone = 0
	r.target.drop(b.Version)
	r.result.Done = append(r.result.Done, Outcome{b.Migration, len(b.parts), took})
	r.opts.observe(MigrationDone{Migration: b.Migration, Back: true, Duration: took})
	return nil
}

// forget removes the cursors of a migration that is undone.
func (r *runner) forget(ctx context.Context, b *back) error {
	if !slices.ContainsFunc(b.Steps, func(s migration.Step) bool { return s.Batch != nil }) {
		return nil
	}
	return pgx.BeginFunc(ctx, r.conn, func(tx pgx.Tx) error {
		if err := r.guard(ctx); err != nil {
			return err
		}
		return r.log.ForgetBackfills(ctx, tx, b.Version)
	})
}

// clearDoubt takes away what an interrupted step forward left of an index.
func (r *runner) clearDoubt(ctx context.Context, b *back) error {
	doubt := b.record.InDoubt
	if doubt == nil || doubt.Undo || doubt.Step > len(b.Steps) {
		return nil
	}
	c, ok := concurrentIndex(b.Steps[doubt.Step-1].Statements[0].SQL)
	if !ok || c.drop || doubt.Refused || doubt.Existed {
		return nil
	}
	st, err := r.look(ctx, c)
	if err != nil || !st.exists {
		return err
	}
	r.stale = true
	return r.dropIndex(ctx, st.name)
}

// scopeBack checks that the objects of a migration are still as it left them, so that the way back leads back.
func scopeBack(t *target, m *migration.Migration) error {
	if !m.Bounded() || t.fingerprint(m.Objects) == t.scope(m).After {
		return nil
	}
	return scopeError(t, m, t.scope(m).After, &DriftError{File: m.File(), Back: true,
		Next: "bring the objects back to how the migration left them"})
}

// scopeUndone checks that the way back led back.
func scopeUndone(t *target, m *migration.Migration) error {
	if !m.Bounded() || t.fingerprint(m.Objects) == t.scope(m).Before {
		return nil
	}
	return scopeError(t, m, t.scope(m).Before, &DriftError{File: m.File(), After: true, Back: true,
		Next: "its way back ran, but the objects are not what they were before the migration"})
}

// losses refuses to destroy data that nobody agreed to lose.
func losses(backs []*back, accepted bool) error {
	var lost []string
	for _, b := range backs {
		for _, part := range b.parts {
			for _, l := range part.Loses {
				lost = append(lost, fmt.Sprintf("%s (%s)", l, b.File()))
			}
		}
	}
	if len(lost) == 0 || accepted {
		return nil
	}
	return &Refused{Code: "data_loss", Reason: "the way back loses: " + strings.Join(lost, "; "),
		Next: "if that is meant, run it again with --accept-data-loss"}
}
