package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// Run applies the pending migrations. Errors before anything ran are *Refused, *LockHeldError, *ChecksumError,
// *DriftError, *GateClosed, *CheckError, *history.ChainError, *migration.IntegrityError and migration.SyntaxErrors;
// a step that fails is a *StepError. The result is not nil once the run began.
func Run(ctx context.Context, opts Options) (*Result, error) {
	if err := opts.check(true); err != nil {
		return nil, err
	}
	var result *Result
	err := within(ctx, &opts, func(ctx context.Context, s *session, t *target) error {
		units, err := s.pending(t)
		if err != nil {
			return err
		}
		units, held, err := s.gate(ctx, t, units)
		if err != nil {
			return err
		}
		r := newRunner(s, t, units, held)
		result = r.result
		return r.forward(ctx)
	})
	return result, err
}

// within opens a session, takes the lock and loads the target. A dry run takes no lock: it must not keep anybody waiting.
func within(ctx context.Context, opts *Options, f func(context.Context, *session, *target) error) error {
	s, err := open(ctx, opts)
	if err != nil {
		return err
	}
	defer s.close()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	s.onLost = end
	if !opts.DryRun {
		if err := s.lock(ctx); err != nil {
			return err
		}
	}
	t, err := s.load(ctx)
	if err != nil {
		return err
	}
	if opts.DryRun {
		other, err := s.running(ctx)
		if err != nil {
			return err
		}
		if other != nil {
			t.warnings = append(t.warnings, "another run is at work ("+other.String()+"), so this may be out of date at once")
		}
	}
	return orLost(ctx, f(ctx, s, t))
}

// runner carries a run out.
type runner struct {
	*session
	target *target
	units  []*unit
	result *Result
	// saved are the checksums whose text this run has kept.
	saved map[string]bool
	// atFirst is the live state before the run.
	atFirst *schema.Catalog
	// stale is set while the database may have changed since the live state was read.
	stale bool
	// command is what the run is called in the log and began the ID of its first row there; gone is set once a lost connection could
	// not be replaced.
	command string
	began   int64
	gone    bool
}

func newRunner(s *session, t *target, units []*unit, held []Held) *runner {
	r := &runner{session: s, target: t, units: units, saved: map[string]bool{}, atFirst: t.live}
	r.result = &Result{DryRun: s.opts.DryRun, Held: held, Warnings: t.warnings}
	for _, w := range t.warnings {
		s.opts.observe(Warned{w})
	}
	return r
}

// forward checks and then runs the units.
func (r *runner) forward(ctx context.Context) error {
	if len(r.units) > 0 {
		found, deferred, err := r.preflight(ctx, r.target, r.units)
		if err != nil {
			return err
		}
		r.result.Checks, r.result.Deferred = found, deferred
		if len(found) > 0 && !r.opts.DryRun {
			return &CheckError{found}
		}
	}
	r.result.Drift = foreignDrift(r.target, r.units)
	if len(r.result.Drift) > 0 {
		r.opts.observe(DriftSeen{r.result.Drift})
	}
	if err := r.agreed(ctx); err != nil {
		return err
	}
	if r.opts.DryRun {
		r.result.Pending = migrationsOf(r.units)
		r.opts.observe(Finished{r.result})
		return nil
	}
	// A run that was cut off behind its last step has left no snapshot: this one takes it.
	if len(r.units) == 0 && !r.target.interrupted() {
		r.opts.observe(Finished{r.result})
		return nil
	}
	ctx, over := r.gracefully(ctx)
	defer over()
	if err := r.start(ctx, CommandApply); err != nil {
		return interrupted(ctx, err)
	}
	if len(r.units) > 0 {
		if err := r.prepare(ctx, CommandApply, migrationsOf(r.units)); err != nil {
			return err
		}
	}
	for i := range r.units {
		if err := r.migrate(ctx, i); err != nil {
			return r.fail(ctx, i, err)
		}
	}
	return r.finish(ctx)
}

// start creates the history where there is none and records that the run began.
func (r *runner) start(ctx context.Context, command string) error {
	r.command = command
	detail := map[string]any{"command": command}
	if len(r.opts.Scope) > 0 {
		detail["scope"] = r.opts.Scope
	}
	token := int64(0)
	err := pgx.BeginFunc(ctx, r.conn, func(tx pgx.Tx) (err error) {
		if !r.target.exists {
			if err := r.log.Create(ctx, tx, r.event(history.Event{})); err != nil {
				return err
			}
		}
		if err := r.upgrade(ctx, tx); err != nil {
			return err
		}
		for _, e := range append(r.takeovers(), history.Event{Kind: history.RunStarted, Detail: detail}) {
			row, err := r.log.Append(ctx, tx, r.event(e))
			if err != nil {
				return err
			}
			r.began = row.ID
		}
		if token, err = r.label(ctx, command); err != nil || len(r.result.Drift) == 0 {
			return err
		}
		_, err = r.log.Append(ctx, tx, r.event(history.Event{Kind: history.DriftSeen, Detail: map[string]any{"objects": idNames(r.result.Drift)}}))
		return err
	})
	if sqlState(err) == "42501" {
		return &Refused{Code: "privileges", Reason: "this role may not write the history", Err: err,
			Next: "let it create the schema pleat with GRANT CREATE ON DATABASE, or connect as the role that applied before"}
	}
	if err != nil {
		return fmt.Errorf("begin the run: %w", err)
	}
	r.target.exists, r.result.Run, r.locked.token = true, r.run, token
	r.opts.observe(RunStarted{Run: r.run, Command: command, Pending: migrationsOf(r.units), Held: r.result.Held})
	return nil
}

// finish records the end of the run with the catalog as it is now.
func (r *runner) finish(ctx context.Context) error {
	r.stopper.hush() // all is done; being asked to stop changes nothing any more
	err := r.refresh(ctx)
	if err == nil {
		err = r.checkWhole(ctx)
	}
	if err == nil {
		err = r.end(ctx, history.Event{Kind: history.RunFinished})
	}
	if err != nil {
		err = interrupted(ctx, fmt.Errorf("end the run: %w", err))
		return errors.Join(err, r.failed(ctx, err))
	}
	r.opts.observe(Finished{r.result})
	return nil
}

// end records an event together with a snapshot.
func (r *runner) end(ctx context.Context, e history.Event) error {
	return r.surely(ctx, func(tx pgx.Tx) (last history.Entry, err error) {
		if e.Snapshot, err = r.log.SaveSnapshot(ctx, tx, r.target.live); err != nil {
			return last, err
		}
		return r.log.Append(ctx, tx, r.event(e))
	})
}

// refresh reads the live state anew where it may have changed.
func (r *runner) refresh(ctx context.Context) error {
	if !r.stale {
		return nil
	}
	live, err := r.opts.Inspect(ctx, r.conn)
	if err != nil {
		return err
	}
	r.target.live, r.stale = live, false
	return nil
}

// migrate runs one migration from where it stands to its end.
func (r *runner) migrate(ctx context.Context, i int) error {
	u := r.units[i]
	begin := time.Now()
	r.opts.observe(MigrationStarted{Migration: u.Migration, Index: i + 1, Of: len(r.units), StepsDone: u.stepsDone()})
	if !u.begun() && u.Bounded() {
		if err := r.refresh(ctx); err != nil {
			return err
		}
		if err := scopeBefore(r.target, u.Migration); err != nil {
			return err
		}
	}
	if err := r.contractable(ctx, u); err != nil {
		return err
	}
	if err := r.witness(ctx, u); err != nil {
		return err
	}
	first := u.stepsDone()
	for n := first; n < len(u.Steps); n++ {
		if err := r.step(ctx, u, &u.Steps[n]); err != nil {
			return err
		}
	}
	if u.Bounded() {
		if err := r.refresh(ctx); err != nil {
			return err
		}
		if err := scopeAfter(r.target, u.Migration); err != nil {
			return err
		}
	}
	took := time.Since(begin)
	if !r.appliedWithLastStep(u, first) {
		if err := r.record(ctx, r.about(u.Migration, u.file.Checksum, history.Event{Kind: history.Applied, Duration: took})); err != nil {
			return err
		}
	}
	r.target.note(u.Migration)
	r.result.Done = append(r.result.Done, Outcome{u.Migration, len(u.Steps) - first, took})
	r.opts.observe(MigrationDone{Migration: u.Migration, Duration: took})
	return r.count(ctx, u)
}

// appliedWithLastStep reports whether "applied" was recorded in the transaction of the last step, as there is nothing to
// verify after it.
func (r *runner) appliedWithLastStep(u *unit, first int) bool {
	last := u.Steps[len(u.Steps)-1]
	return first < len(u.Steps) && !u.Bounded() && !last.NoTransaction && last.Batch == nil
}

// about fills in which migration an event is about.
func (r *runner) about(m *migration.Migration, checksum string, e history.Event) history.Event {
	e.Version, e.Name, e.Phase, e.Checksum = m.Version, m.Name, m.Phase, checksum
	return e
}

func migrationsOf(units []*unit) []*migration.Migration {
	out := make([]*migration.Migration, len(units))
	for i, u := range units {
		out[i] = u.Migration
	}
	return out
}
