package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
)

// regainWait is how long a run whose connection was lost tries to get another one, and its lock back. A server that restarts takes
// longer as a rule, and the next run settles what is left then.
func (o *Options) regainWait() time.Duration {
	if o.regain > 0 {
		return o.regain
	}
	return 5 * time.Second
}

// settled records a step that is found to be complete, and by what.
func (r *runner) settled(ctx context.Context, w *work, found finding) error {
	r.stale = true
	e := w.event(history.StepDone)
	e.Detail = map[string]any{"settled": true, "evidence": found.evidence}
	return r.record(ctx, e)
}

// aftermath settles what became of a piece of work whose connection was lost: at once where a new connection gets the run's lock back,
// otherwise the error is what it was and the next run settles it. A finding that is done has been recorded.
func (r *runner) aftermath(ctx context.Context, w *work, cause error) (finding, error) {
	var step *StepError
	if !r.conn.IsClosed() || ctx.Err() != nil || !errors.As(cause, &step) {
		return finding{}, cause
	}
	if err := r.regain(ctx); err != nil {
		step.Settling = "it could not be settled at once: " + err.Error()
		return finding{}, cause
	}
	found, err := r.settleAtOnce(ctx, w, step)
	if err != nil {
		return finding{}, errors.Join(cause, fmt.Errorf("settle what became of step %d: %w", w.number(), err))
	}
	if !found.done {
		return finding{}, cause
	}
	r.opts.observe(Warned{fmt.Sprintf("the connection broke in step %d; %s, so it is complete and the run goes on over a new connection", w.number(), found.evidence)})
	return found, nil
}

// placed gives an error of a piece of work the form of all others, unless it is a refusal.
func placed(w *work, err error) error {
	var refused *Refused
	if errors.As(err, &refused) {
		return err
	}
	return asStepError(w.m, err)
}

// settleAtOnce reads in the log, and where that does not tell in the catalogs, what became of a piece of work.
func (r *runner) settleAtOnce(ctx context.Context, w *work, step *StepError) (finding, error) {
	last, err := r.lastRow(ctx, w)
	if err != nil {
		return finding{}, err
	}
	done, begun := w.event(history.StepDone).Kind, w.event(history.StepStarted).Kind
	switch {
	case last != nil && last.Kind == done:
		r.stale = true
		return finding{true, "the log says that it was committed"}, nil
	case w.batched():
		return finding{}, r.settleBatches(ctx, w, step, last != nil)
	case last == nil || last.Kind != begun:
		step.Unknown, step.Settling = false, "the log says that it was not committed"
		return finding{}, nil
	}
	doubt := &history.InDoubt{Undo: w.undo != nil, Step: w.number(), At: last.At, Existed: last.Detail["existed"] == true}
	if !step.Unknown {
		// The row says that the statement was about to be sent; the connection was gone before it was.
		step.Settling = "the statement was not sent"
		return finding{}, r.record(ctx, w.event(history.StepFailed))
	}
	if undecidable(w.m, w.statements()[0], doubt) != nil {
		step.Next = "look whether it took effect, then say so: " + resolveCommand(w.m.Version, w.number())
		return finding{}, nil
	}
	found, err := r.settle(ctx, w, doubt)
	if err != nil {
		return finding{}, err
	}
	if found.done {
		return found, r.settled(ctx, w, found)
	}
	step.Unknown, step.Settling = false, "the catalogs show that the statement had no effect, or that it can be repeated"
	return finding{}, r.record(ctx, w.event(history.StepFailed))
}

// settleBatches reads how far a step in batches got.
func (r *runner) settleBatches(ctx context.Context, w *work, step *StepError, begun bool) error {
	step.Unknown, w.begun = false, begun
	step.Settling = "the log says how far it got"
	if !begun {
		return nil
	}
	all, err := r.log.Backfills(ctx, w.m.Version)
	for i := range all {
		if all[i].Step == w.number() {
			step.Rows, step.Batches = all[i].Rows, all[i].Batches
		}
	}
	return err
}

// lastRow is the newest row of this run about a piece of work that says whether it began or is done; nil where there is none.
func (r *runner) lastRow(ctx context.Context, w *work) (*history.Entry, error) {
	entries, err := r.log.Entries(ctx, r.began-1)
	if err != nil {
		return nil, err
	}
	like := w.event(history.StepDone)
	for _, e := range slices.Backward(entries) {
		if e.Run == r.run && e.Version == like.Version && e.Step == like.Step && e.Part == like.Part && history.Decides(e.Kind) &&
			e.Kind != history.Failed && e.Kind != history.Applied && e.Kind != history.RolledBack {
			return &e, nil
		}
	}
	return nil, nil
}

// regain connects again and takes the run's lock back. It is refused where another run began meanwhile. The session that was lost holds
// the lock as long as it works for us, so that nothing of it is left to happen once the lock is ours again.
func (r *runner) regain(ctx context.Context) error {
	if r.gone {
		return errors.New("the connection is gone")
	}
	r.gone = true
	if r.locked.form == history.LeaseLock {
		return errors.New("the lock is a lease, which ends by itself")
	}
	asked, cancel := promptly(ctx)
	defer cancel()
	most := r.opts.regainWait()
	limited, done := context.WithTimeout(asked, most)
	defer done()
	begin, wait := time.Now(), r.opts.LockWait
	defer func() { r.opts.LockWait = wait }()
	for {
		r.opts.LockWait = max(most-time.Since(begin), time.Millisecond)
		err := r.reconnect(limited)
		if err == nil {
			r.gone = false
			return r.alone(ctx)
		}
		var refused *Refused
		if errors.As(err, &refused) || sleep(limited, 200*time.Millisecond) != nil {
			return err
		}
	}
}

// reconnect makes the session one over a new connection that holds the lock.
func (r *runner) reconnect(ctx context.Context) error {
	conn, err := r.opts.Connect(ctx, PurposeApply)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	r.session.use(conn)
	if err = r.session.prepare(ctx); err == nil {
		err = r.lock(ctx)
	}
	if err == nil {
		err = r.relabel(ctx)
	}
	if err != nil {
		r.session.close()
		return err
	}
	r.stopper.moved(conn)
	return nil
}

// relabel says in pleat.lock that the run goes on.
func (r *runner) relabel(ctx context.Context) error {
	var token int64
	err := pgx.BeginFunc(ctx, r.conn, func(pgx.Tx) (err error) {
		token, err = r.label(ctx, r.command)
		return err
	})
	if err == nil {
		r.locked.token = token
	}
	return err
}

// alone refuses to go on where another run began since this one did.
func (r *runner) alone(ctx context.Context) error {
	entries, err := r.log.Entries(ctx, r.began)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Run != r.run && e.Kind == history.RunStarted {
			r.gone = true
			r.session.close()
			return &Refused{Code: "lock", Reason: fmt.Sprintf("run %s of %s began meanwhile, and this one is over", e.Run, e.Actor), Next: "see what it did: pleat history"}
		}
	}
	return nil
}

// record writes events in a transaction of their own.
func (r *runner) record(ctx context.Context, events ...history.Event) error {
	return r.surely(ctx, func(tx pgx.Tx) (last history.Entry, err error) {
		for _, e := range events {
			if last, err = r.log.Append(ctx, tx, r.session.event(e)); err != nil {
				return last, err
			}
		}
		return last, nil
	})
}

// surely writes rows of the log in a transaction of their own. Where the connection is lost while it commits, the log tells over a
// new one whether it did, and otherwise they are written again.
func (r *runner) surely(ctx context.Context, write func(tx pgx.Tx) (last history.Entry, err error)) error {
	var last history.Entry
	once := func() error {
		return pgx.BeginFunc(ctx, r.conn, func(tx pgx.Tx) (err error) {
			last, err = write(tx)
			return err
		})
	}
	err := once()
	if err != nil && sqlState(err) == "57014" && interruption(ctx) != nil && !r.conn.IsClosed() {
		err = once() // the request to cancel was meant for the statement before
	}
	if err == nil || !r.conn.IsClosed() || ctx.Err() != nil {
		return err
	}
	if lost := r.regain(ctx); lost != nil {
		return errors.Join(err, lost)
	}
	entries, read := r.log.Entries(ctx, max(last.ID-1, r.began))
	if read != nil {
		return errors.Join(err, read)
	}
	if last.ID > 0 && len(entries) > 0 && entries[0].ID == last.ID && entries[0].Digest == last.Digest {
		return nil
	}
	return once()
}
