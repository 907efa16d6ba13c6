package rehearse

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// rehearsal is one under way.
type rehearsal struct {
	opts   Options
	result *Result
	at     *copied
	conn   *pgx.Conn // reads and counts on the copy
	watch  *watcher
	// states and counts are before each file, and after the last.
	states []*schema.Catalog
	counts []census
}

// Run rehearses the pending migrations. What speaks against them is in the result; an error says that it could not be found out.
func Run(ctx context.Context, opts Options) (*Result, error) {
	if err := opts.check(); err != nil {
		return nil, err
	}
	r := &rehearsal{opts: opts, result: &Result{Source: opts.Source, When: opts.Now()}}
	target, err := opts.Connect(ctx, "rehearse")
	if err != nil {
		return nil, err
	}
	defer target.Close(context.WithoutCancel(ctx))
	if _, err := target.Exec(ctx, "SET default_transaction_read_only = on"); err != nil {
		return nil, fmt.Errorf("prepare to read the target: %w", err)
	}
	pending, err := r.pending(ctx, target)
	if err != nil || len(pending) == 0 {
		return r.result, err
	}
	if err := r.checkTarget(ctx, pending); err != nil {
		return nil, err
	}
	if opts.Clone != nil {
		r.at, err = r.clone(ctx, target)
	} else {
		r.at, err = r.copy(ctx, target)
	}
	if err != nil {
		return nil, err
	}
	defer r.at.close()
	if err := r.perform(ctx); err != nil {
		return nil, err
	}
	r.result.judgeBudgets(&opts)
	return r.result, nil
}

// pending lists the files that are to be rehearsed.
func (r *rehearsal) pending(ctx context.Context, target *pgx.Conn) ([]*migration.Migration, error) {
	state, err := history.Open(target).State(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	if r.opts.To != "" && r.opts.Dir.File(r.opts.To) == nil {
		return nil, &apply.Refused{Code: "version", Reason: "there is no migration " + r.opts.To, Next: "see: pleat status"}
	}
	var out []*migration.Migration
	var errs []error
	for _, f := range state.Pending(r.opts.Dir) {
		if r.opts.To != "" && f.Version > r.opts.To {
			break
		}
		if r.opts.Contract == apply.Gated && f.Phase == migration.Contract {
			r.result.notef("%s is left out (--contract gated)", f.Name)
			continue
		}
		if rec := state.Record(f.Version); rec != nil && rec.StepsDone > 0 {
			errs = append(errs, &apply.Refused{Code: "partial", Reason: f.Name + " stopped half way on the target",
				Next: "end it with pleat apply, or take it back with pleat rollback, and rehearse then"})
		}
		m, err := f.Parse()
		errs = append(errs, err)
		if m != nil {
			out = append(out, m)
			r.result.Files = append(r.result.Files, &File{Migration: m})
		}
	}
	return out, errors.Join(errs...)
}

// checkTarget does what a dry run does: order, gates, scope and preflight checks, all read-only.
func (r *rehearsal) checkTarget(ctx context.Context, pending []*migration.Migration) error {
	r.opts.progress("checking the target, reading only")
	options := r.applying(r.opts.Connect)
	options.DryRun, options.To = true, pending[len(pending)-1].Version
	result, err := apply.Run(ctx, options)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		var step *apply.StepError
		if errors.As(err, &step) {
			r.result.failed("target", step.Migration, err)
			return nil
		}
		r.result.fail("target", "", 0, "%s", serverWords(err))
		return nil
	}
	r.result.Checks = result.Checks
	for _, c := range result.Checks {
		r.result.fail("check", c.Migration.File(), c.Step, "%s: %d rows of the target", c.Message, c.Count)
	}
	return nil
}

// applying are the options of the applier.
func (r *rehearsal) applying(connect func(context.Context, string) (*pgx.Conn, error)) apply.Options {
	return apply.Options{
		Connect: connect, Inspect: r.opts.Inspect, Dir: r.opts.Dir, Scope: r.opts.Scope, Release: r.opts.Release, Tool: r.opts.Tool,
		LockTimeout: r.opts.LockTimeout, Contract: r.opts.Contract,
	}
}

// perform goes up, down, and up again.
func (r *rehearsal) perform(ctx context.Context) error {
	var err error
	if r.conn, err = r.at.connect(ctx, "count"); err != nil {
		return err
	}
	defer r.conn.Close(context.WithoutCancel(ctx))
	eyes, err := r.at.connect(ctx, "watch")
	if err != nil {
		return err
	}
	defer eyes.Close(context.WithoutCancel(ctx))
	r.watch = watch(ctx, eyes, r.result, r.opts.Observer)
	err = r.passages(ctx)
	if stopped := r.watch.stop(); err == nil {
		err = stopped
	}
	return err
}

func (r *rehearsal) passages(ctx context.Context) error {
	if err := r.remember(ctx); err != nil {
		return err
	}
	for _, f := range r.result.Files {
		done, err := r.up(ctx, f.Migration, Up)
		if err != nil || !done {
			return err
		}
		if err := r.remember(ctx); err != nil {
			return err
		}
		n := len(r.counts)
		r.result.judgeUp(f.Migration, Up, compare(r.counts[n-2], r.counts[n-1]))
	}
	first, err := r.down(ctx)
	if err != nil {
		return err
	}
	return r.again(ctx, first)
}

// remember takes down the state and the census of the copy as they are now.
func (r *rehearsal) remember(ctx context.Context) error {
	state, counts, err := r.look(ctx)
	r.states, r.counts = append(r.states, state), append(r.counts, counts)
	return err
}

func (r *rehearsal) look(ctx context.Context) (*schema.Catalog, census, error) {
	state, err := r.opts.Inspect(ctx, r.conn)
	if err != nil {
		return nil, nil, err
	}
	counts, err := count(ctx, r.conn)
	return state, counts, err
}

// running are the options of a run on the copy, whose session is watched.
func (r *rehearsal) running() apply.Options {
	options := r.applying(func(ctx context.Context, purpose string) (*pgx.Conn, error) {
		conn, err := r.at.connect(ctx, purpose)
		if err == nil && purpose == apply.PurposeApply {
			r.watch.applies(conn.PgConn().PID())
		}
		return conn, err
	})
	options.Observer, options.Backfill = r.watch, r.opts.Backfill
	if r.opts.Clone == nil {
		b := &options.Backfill
		b.MaxLag, b.MaxLagBytes, b.MaxActive, b.YieldToVacuum, b.Query, b.Pause = -1, -1, 0, false, "", 0
	}
	return options
}

// up applies one file. done is false where it failed, which is in the result.
func (r *rehearsal) up(ctx context.Context, m *migration.Migration, passage Passage) (done bool, err error) {
	if err := r.watch.begin(ctx, r.conn, passage); err != nil {
		return false, err
	}
	options := r.running()
	options.To = m.Version
	result, err := apply.Run(ctx, options)
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		r.result.failed(string(passage), m, err)
		return false, nil
	case !slices.ContainsFunc(result.Done, func(o apply.Outcome) bool { return o.Migration.Version == m.Version }):
		for _, h := range result.Held {
			r.result.fail(string(passage), h.Migration.File(), 0, "is held: %s", h.Reason)
		}
		return false, nil
	}
	return true, nil
}

// down takes the files back, the newest first, as far as they have a way back. It returns the index of the oldest that was taken back.
func (r *rehearsal) down(ctx context.Context) (first int, err error) {
	first = len(r.result.Files)
	for i, f := range slices.Backward(r.result.Files) {
		m := f.Migration
		if ok, why := m.Reversible(); !ok {
			r.result.notef("%s was not taken back: %s", m.File(), why)
			return first, nil
		}
		if err := r.watch.begin(ctx, r.conn, Down); err != nil {
			return first, err
		}
		_, err := apply.Rollback(ctx, r.running(), apply.Selection{Version: m.Version, AcceptDataLoss: true})
		if ctx.Err() != nil {
			return first, ctx.Err()
		}
		if err != nil {
			r.result.failed("down", m, err)
			return len(r.result.Files), nil
		}
		state, counts, err := r.look(ctx)
		if err != nil {
			return first, err
		}
		r.result.judgeState(m, "the way back does not lead back", r.states[i], state)
		r.result.judgeBack(m, compare(r.counts[i], counts))
		// What is lost by this one is not held against those before it.
		r.states[i], r.counts[i] = state, counts
		first = i
	}
	return first, nil
}

// again applies what was taken back once more.
func (r *rehearsal) again(ctx context.Context, first int) error {
	for i := first; i < len(r.result.Files); i++ {
		m := r.result.Files[i].Migration
		done, err := r.up(ctx, m, Again)
		if err != nil || !done {
			return err
		}
		state, counts, err := r.look(ctx)
		if err != nil {
			return err
		}
		if i == len(r.result.Files)-1 {
			r.result.judgeState(m, "the second way up does not end where the first did", r.states[i+1], state)
		}
		r.result.judgeUp(m, Again, compare(r.counts[i], counts))
		r.counts[i+1] = counts
	}
	return nil
}
