package apply

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// Resolution is what a person says of a step that cannot be settled otherwise.
type Resolution struct {
	Version string
	// Step is the step; 0 is the one that is in doubt.
	Step int
	// Done is set where the statement took effect.
	Done bool
	// Reason is how that is known; it is kept in the log and must hold no secret.
	Reason string
}

// InDoubt is a step of which nobody can tell whether it ran.
type InDoubt struct {
	Migration *migration.Migration
	// Step is from 1, or 0 for a way back that is not divided by step; Part is that of a way back.
	Step, Part int
	Back       bool
	Statement  migration.Statement
	// At is when the statement was about to be sent, by which run and role, from where.
	At         time.Time
	Run, Actor string
	Client     history.Client
	// StepsDone is how many steps count as being in the database, with what was said.
	StepsDone int
}

// Resolve records what a person says of a step in doubt; the next run goes by it. With DryRun it only tells what is known. It is
// refused where nothing is in doubt and where the next run can settle it by itself. It holds the lock.
func Resolve(ctx context.Context, opts Options, res Resolution) (*InDoubt, error) {
	opts.Dir = nil
	if err := opts.check(false); err != nil {
		return nil, err
	}
	if !opts.DryRun && strings.TrimSpace(res.Reason) == "" {
		return nil, &Refused{Code: "reason", Reason: "it is not said how that is known", Next: "say it with --reason; it is kept in the log"}
	}
	var out *InDoubt
	err := within(ctx, &opts, func(ctx context.Context, s *session, t *target) error {
		r, err := doubtful(t.state, res)
		if err != nil {
			return err
		}
		if out, err = s.inDoubt(ctx, t, r); err != nil || opts.DryRun {
			return err
		}
		return s.resolve(ctx, r, out, res)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// doubtful finds the record with a step in doubt.
func doubtful(state *history.State, res Resolution) (*history.Record, error) {
	r := state.Record(res.Version)
	switch {
	case r == nil:
		return nil, &Refused{Code: "version", Reason: "the log knows no migration " + res.Version, Next: "see: pleat status"}
	case r.InDoubt == nil:
		return nil, &Refused{Code: "not_in_doubt", Reason: "nothing of " + label(r) + " is in doubt", Next: "see: pleat status"}
	case res.Step != 0 && res.Step != r.InDoubt.Step:
		return nil, &Refused{Code: "not_in_doubt", Reason: fmt.Sprintf("step %d of %s is not in doubt, step %d is", res.Step, label(r), r.InDoubt.Step),
			Next: fmt.Sprintf("leave --step out, or use --step %d", r.InDoubt.Step)}
	}
	return r, nil
}

// inDoubt gathers what is known, and refuses what the next run can settle.
func (s *session) inDoubt(ctx context.Context, t *target, r *history.Record) (*InDoubt, error) {
	b, err := s.kept(ctx, r)
	if err != nil {
		return nil, err
	}
	stmts := b.doubtful(r.InDoubt)
	if len(stmts) == 0 {
		return nil, fmt.Errorf("%s has no statement that the log calls interrupted", b.File())
	}
	if b.batching() || decidable(stmts[0], r.InDoubt) && !r.InDoubt.Existed {
		return nil, &Refused{Code: "settled", Reason: fmt.Sprintf("what became of step %d of %s can be found out without a person", r.InDoubt.Step, b.File()),
			Next: "run it again, which does that: " + again(r.InDoubt)}
	}
	out := &InDoubt{Migration: b.Migration, Step: r.InDoubt.Step, Part: r.InDoubt.Part, Back: r.InDoubt.Undo, Statement: stmts[0], At: r.InDoubt.At, StepsDone: r.StepsDone}
	for i := range t.entries {
		if e := &t.entries[i]; e.Version == r.Version && e.At.Equal(out.At) {
			out.Run, out.Actor, out.Client = e.Run, e.Actor, e.Client
		}
	}
	return out, nil
}

// again is the command that goes on after an interruption.
func again(doubt *history.InDoubt) string {
	if doubt.Undo {
		return "pleat rollback --steps 1"
	}
	return "pleat apply"
}

// resolve writes the answer into the log.
func (s *session) resolve(ctx context.Context, r *history.Record, d *InDoubt, res Resolution) error {
	outcome := history.ResolvedNotDone
	if res.Done {
		outcome = history.ResolvedDone
	}
	e := history.Event{Kind: history.Resolved, Version: r.Version, Name: r.Name, Phase: r.Phase, Step: d.Step, Part: d.Part, Checksum: r.Checksum,
		Detail: map[string]any{"outcome": outcome, "reason": res.Reason, "message": res.Reason, "undo": d.Back, "run": d.Run}}
	for _, u := range d.Migration.Down {
		if d.Back && u.Step == d.Step && u.Part == d.Part {
			e.Parts = u.Parts
		}
	}
	if err := s.record(ctx, e); err != nil {
		return err
	}
	state, err := s.log.State(ctx)
	if err != nil {
		return err
	}
	d.StepsDone = state.Record(r.Version).StepsDone
	return nil
}
