package apply

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// ladder says how long each attempt of a step may wait for its locks, and how long to stay away after it. While an
// attempt waits, everyone who needs the table waits behind it, so attempts are short and pauses are long.
type ladder struct {
	most    time.Duration // of one attempt
	high    time.Duration // the last rung
	budget  time.Duration // of all
	begin   time.Time
	attempt int
}

// rungs are the first attempts of each round; one follows that outlasts deadlock_timeout.
var rungs = [...]time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 300 * time.Millisecond, 500 * time.Millisecond}

// longestPause bounds the pauses between attempts.
const longestPause = 2 * time.Minute

// ladder reads the server's deadlock_timeout: an autovacuum in the way is only cancelled after a waiter
// waited as long (PostgreSQL, proc.c, ProcSleep).
func (s *session) ladder(ctx context.Context) (*ladder, error) {
	l := &ladder{most: s.opts.LockTimeout, budget: s.opts.LockBudget, begin: time.Now()}
	s.watch.free()
	s.watch.spent = 0
	if l.budget <= 0 {
		l.budget = 10 * time.Minute
	}
	var ms int64
	err := s.conn.QueryRow(ctx, "SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'deadlock_timeout'", query).Scan(&ms)
	if err != nil {
		return nil, fmt.Errorf("read deadlock_timeout: %w", err)
	}
	l.high = time.Duration(ms)*time.Millisecond + 500*time.Millisecond
	return l, nil
}

// timeout is that of the next attempt.
func (l *ladder) timeout() time.Duration {
	rung := l.high
	if i := l.attempt % (len(rungs) + 1); i < len(rungs) {
		rung = rungs[i]
	}
	l.attempt++
	if l.most > 0 {
		return min(rung, l.most)
	}
	return rung
}

// pause is the time to stay away after an attempt; ok is false when the budget is used up. Pauses are drawn by chance, so that two runs
// do not meet again and again: from 50 ms to a second after the first three attempts, from one to four seconds after the fourth, and from
// half to one and a half times a span that doubles from 4 seconds on after each that follows.
func (l *ladder) pause() (d time.Duration, ok bool) {
	left := l.budget - time.Since(l.begin)
	switch {
	case left <= 0:
		return 0, false
	case l.attempt < len(rungs):
		d = 50*time.Millisecond + rand.N(950*time.Millisecond)
	case l.attempt == len(rungs):
		d = time.Second + rand.N(3*time.Second)
	default:
		span := min(4*time.Second<<min(l.attempt-len(rungs)-1, 10), longestPause)
		d = min(span/2+rand.N(span), longestPause)
	}
	return min(d, left), true
}

// spent is the error when the budget is used up.
func (l *ladder) spent(r *runner, cause error, blockers []Blocker) *LockBudgetError {
	return &LockBudgetError{
		Spent: time.Since(l.begin), Attempts: l.attempt, Harm: r.watch.spent, Mode: r.watch.last.wait.mode, On: r.watch.last.wait.on, Blockers: blockers, Err: cause,
	}
}

// contended reports whether an error says that others hold the locks: lock_not_available or deadlock_detected.
func contended(err error) bool {
	state := sqlState(err)
	return state == "55P03" || state == "40P01"
}

// contended reports whether the attempt that was watched last failed because others hold the locks. A statement that was cancelled
// (57014) is only tried again where the watcher did it. A transaction that took too long (25P04) is not: it would again.
func (w *watcher) contended(err error) bool {
	return contended(err) || sqlState(err) == "57014" && w.last.tripped != ""
}

// retried calls attempt again and again while it does not get its locks within the time that it is given for them.
func (r *runner) retried(ctx context.Context, w *work, attempt func(timeout time.Duration) error) error {
	l, err := r.ladder(ctx)
	if err != nil {
		return err
	}
	r.announce(ctx, w)
	for {
		timeout := l.timeout()
		w.attempts, w.waited = l.attempt, time.Since(l.begin)
		r.watch.last = meter{}
		err := attempt(timeout)
		if err == nil || r.conn.IsClosed() || ctx.Err() != nil || !r.watch.contended(err) {
			return err
		}
		if err := r.stayAway(ctx, w, l, timeout, err); err != nil {
			return err
		}
	}
}

// stayAway tells who stood in the way of an attempt, and waits before the next; it returns the error when there is to be none.
func (r *runner) stayAway(ctx context.Context, w *work, l *ladder, timeout time.Duration, cause error) error {
	r.watch.free()
	seen := r.watch.last
	blockers := seen.blockers
	if len(blockers) == 0 && r.watch.ready(ctx) {
		if found, err := r.holders(ctx, w); err == nil {
			blockers = found
		}
	}
	pause, ok := l.pause()
	if harmed := r.watch.spent >= stepHarm; !ok || harmed {
		if !r.watch.contended(cause) {
			return cause
		}
		spent := l.spent(r, cause, blockers)
		spent.Harmed = harmed
		return spent.of(w)
	}
	if len(blockers) > 0 {
		r.watch.tell(Blocked{Migration: w.m, Step: w.number(), Back: w.undo != nil, Mode: seen.wait.mode, On: seen.wait.on, Blockers: blockers,
			Behind: seen.behind, Waited: seen.waited, Harm: seen.harm})
	}
	r.opts.observe(StepRetried{
		Migration: w.m, Step: w.number(), Attempt: l.attempt, SQLState: sqlState(cause), Timeout: timeout, Pause: pause, Behind: seen.behind, Tripped: seen.tripped,
	})
	if err := sleep(ctx, pause); err != nil {
		return fmt.Errorf("wait to try step %d again: %w", w.number(), err)
	}
	return nil
}

// of makes the error that of a step, in the place of the server's last answer.
func (e *LockBudgetError) of(w *work) error {
	var step *StepError
	if !errors.As(e.Err, &step) {
		step = newStepError(w.m, w.statements()[0], e.Err)
	}
	e.Err, step.Err, step.Next = step.Err, e, e.next()
	return step
}
