package apply

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// defaultGrace is how long a run that is asked to stop has for it. Kubernetes kills after 30 s.
const defaultGrace = 20 * time.Second

// cancelAgain is how long a statement that was cancelled has to end before it is cancelled once more: a request that comes too early
// or is caught has no effect.
const cancelAgain = 2 * time.Second

// Interrupted is told when the run was asked to stop. The running statement may go on until it is cancelled.
type Interrupted struct {
	// Cancel is how long the running statement may still take; Grace is when the connection is closed whatever it does.
	Cancel, Grace time.Duration
}

func (Interrupted) event() {}

// stopper turns the end of the caller's context into an orderly end: what runs may end by itself for a while, is cancelled then, and
// what happened can still be written down. The statements of a run therefore have a context that outlives the caller's.
type stopper struct {
	asked context.Context // the caller's
	grace time.Duration
	end   context.CancelCauseFunc // of the statements' context
	over  chan struct{}           // closed when the run is over
	ended chan struct{}           // closed when nothing here runs any more

	mu     sync.Mutex
	conn   *pgx.Conn
	flight int // counts the statements that were sent; odd while one runs
	quiet  bool
	asking sync.WaitGroup // requests to cancel under way
}

type stopperKey struct{}

func stopperOf(ctx context.Context) *stopper {
	st, _ := ctx.Value(stopperKey{}).(*stopper)
	return st
}

// gracefully gives a context for the statements of a run, and what must be called when the run is over.
func (s *session) gracefully(asked context.Context) (context.Context, func()) {
	st := &stopper{asked: asked, grace: s.opts.grace(), over: make(chan struct{}), ended: make(chan struct{}), conn: s.conn}
	ctx := context.WithValue(context.WithoutCancel(asked), stopperKey{}, st)
	ctx, st.end = context.WithCancelCause(ctx)
	s.stopper = st
	go st.watch(s.opts)
	return ctx, func() {
		close(st.over)
		<-st.ended
		st.end(nil)
		s.stopper = nil
	}
}

// watch waits to be asked. The first quarter of the grace period is for the statement to end by itself, the rest to four fifths for what
// follows its end; then the connection is closed, which leaves time to tell the server so.
func (st *stopper) watch(opts *Options) {
	defer close(st.ended)
	select {
	case <-st.over:
		return
	case <-opts.Abort:
		st.end(context.Canceled)
		return
	case <-st.asked.Done():
	}
	if cause := context.Cause(st.asked); lost(cause) {
		st.end(cause)
		return
	}
	opts.observe(Interrupted{Cancel: st.grace / 4, Grace: st.grace * 4 / 5})
	cancel, last := time.After(st.grace/4), time.After(st.grace*4/5)
	cancelled := -1
	for {
		select {
		case <-st.over:
			return
		case <-opts.Abort:
			st.end(context.Canceled)
			return
		case <-last:
			st.end(context.Canceled)
			return
		case <-cancel:
			cancelled = st.cancel(cancelled)
			cancel = time.After(cancelAgain)
		}
	}
}

// cancel asks the server to cancel what runs: the first time whatever it is, later only the same statement once more.
func (st *stopper) cancel(before int) int {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.quiet || before >= 0 && (before != st.flight || before%2 == 0) {
		return before // what runs now clears up behind the statement that was cancelled
	}
	conn := st.conn.PgConn()
	st.asking.Go(func() {
		ctx, done := context.WithTimeout(context.Background(), cancelAgain)
		defer done()
		_ = conn.CancelRequest(ctx) // what runs is cancelled again, and the connection is closed at last
	})
	return st.flight
}

// hush keeps further requests away from what follows: the end of the run is written down.
func (st *stopper) hush() {
	if st == nil {
		return
	}
	st.mu.Lock()
	st.quiet = true
	st.mu.Unlock()
	st.asking.Wait()
}

// running marks the time that a statement of a file runs.
func (st *stopper) running() func() {
	if st == nil {
		return func() {}
	}
	step := func() {
		st.mu.Lock()
		st.flight++
		st.mu.Unlock()
	}
	step()
	return step
}

// moved tells that the run goes on over another connection.
func (st *stopper) moved(conn *pgx.Conn) {
	if st == nil {
		return
	}
	st.mu.Lock()
	st.conn = conn
	st.mu.Unlock()
}

// interruption is the error of a run that was asked to stop; nil while it was not.
func interruption(ctx context.Context) error {
	if st := stopperOf(ctx); st != nil && st.asked.Err() != nil {
		if cause := context.Cause(st.asked); lost(cause) {
			return cause
		}
		return st.asked.Err()
	}
	return ctx.Err()
}

// promptly gives a context that ends as soon as the run is asked to stop, for what uses connections of its own.
func promptly(ctx context.Context) (context.Context, context.CancelFunc) {
	st := stopperOf(ctx)
	ctx, cancel := context.WithCancel(ctx)
	if st == nil {
		return ctx, cancel
	}
	stop := context.AfterFunc(st.asked, cancel)
	return ctx, func() { stop(); cancel() }
}

// sleep waits, or returns an error as soon as the run is asked to stop.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	var asked <-chan struct{}
	if st := stopperOf(ctx); st != nil {
		asked = st.asked.Done()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-asked:
		return interruption(ctx)
	case <-t.C:
		return nil
	}
}

// stopped is the end of a step because the run was asked to stop.
type stopped struct{ cause error }

// Error says so, and what the server said where that is more than that it was cancelled.
func (e *stopped) Error() string {
	if sqlState(e.cause) == "57014" || errors.Is(e.cause, context.Canceled) || errors.Is(e.cause, context.DeadlineExceeded) {
		return "interrupted"
	}
	return "interrupted: " + e.cause.Error()
}

// interrupted marks an error that comes from being asked to stop.
func interrupted(ctx context.Context, err error) error {
	asked := interruption(ctx)
	if asked == nil || err == nil || lost(asked) {
		return err
	}
	state := sqlState(err)
	if state != "57014" && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var step *StepError
	if errors.As(err, &step) {
		step.Interrupted, step.Err = true, &stopped{step.Err}
		return err
	}
	return &stopped{err}
}

// Unwrap gives the cause.
func (e *stopped) Unwrap() error { return e.cause }

// Is makes an interruption a context.Canceled.
func (e *stopped) Is(target error) bool { return target == context.Canceled }

// grace is the effective time to stop in.
func (o *Options) grace() time.Duration {
	if o.Grace <= 0 {
		return defaultGrace
	}
	return o.Grace
}
