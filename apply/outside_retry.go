package apply

import (
	"context"
	"time"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// builds is how often a concurrent statement is tried.
const builds = 3

// lockLimit is how a statement outside of a transaction waits for its locks.
type lockLimit struct {
	// timeout is for lock_timeout; 0 is none.
	timeout time.Duration
	// again is set where the statement is tried again and again on the ladder.
	again bool
	// patient is set for statements that wait beside everybody else and not before them.
	patient bool
}

// limitOf decides how a statement waits. What works CONCURRENTLY has no limit: it waits for old snapshots under the same lock_timeout, in a place
// where nobody queues behind it, and being cancelled there leaves an invalid index or a partition half detached (measured on PostgreSQL 15).
// Code that may commit on its way cannot be tried again; the whole budget is its limit. All else is on the ladder.
func limitOf(stmt migration.Statement, budget time.Duration) lockLimit {
	f := sqltext.Facts(stmt.SQL)
	concurrently := f.Concurrently
	for _, a := range f.Actions {
		concurrently = concurrently || a.Concurrently || a.Do == sqltext.FinalizePartition
	}
	switch {
	case concurrently:
		return lockLimit{patient: true}
	case sqltext.Classify(stmt.SQL).MayCommit:
		return lockLimit{timeout: budget}
	}
	return lockLimit{again: true}
}

// tryOutside runs the statement until it has its locks.
func (r *runner) tryOutside(ctx context.Context, w *work, existed bool) error {
	l, err := r.ladder(ctx)
	if err != nil {
		return err
	}
	limit := limitOf(w.statements()[0], l.budget)
	if limit.patient {
		return r.tryConcurrently(ctx, w, l, existed)
	}
	r.announce(ctx, w)
	for {
		if limit.again {
			limit.timeout = l.timeout()
		}
		w.attempts, w.waited = max(l.attempt, 1), time.Since(l.begin)
		err := r.execOutside(ctx, w, limit, existed)
		if err == nil || !limit.again || r.conn.IsClosed() || ctx.Err() != nil || !r.watch.contended(err) {
			return err
		}
		if err := r.stayAway(ctx, w, l, limit.timeout, err); err != nil {
			return err
		}
	}
}

// tryConcurrently runs a concurrent statement, a few times where it meets a deadlock or somebody cancels it; what it left is cleared away
// before each. A detachment is not repeated: it may have been done half.
func (r *runner) tryConcurrently(ctx context.Context, w *work, l *ladder, existed bool) error {
	stmt := w.statements()[0]
	if w.invalid == nil {
		var err error
		if w.invalid, err = r.invalid(ctx, stmt.SQL); err != nil {
			return err
		}
	}
	_, repeats := indexWorkOf(stmt.SQL)
	if _, index := concurrentIndex(stmt.SQL); index {
		repeats = true
	}
	r.announceSnapshots(ctx, w)
	for n := 1; ; n++ {
		l.timeout() // only counted
		w.attempts, w.waited = n, time.Since(l.begin)
		err := r.execOutside(ctx, w, lockLimit{patient: true}, existed)
		if err == nil || n == builds || !repeats || r.conn.IsClosed() || interruption(ctx) != nil {
			return err
		}
		if state := sqlState(err); state != "57014" && !contended(err) {
			return err
		}
		if err := r.clearLeftovers(ctx, w, w.invalid); err != nil {
			return err
		}
		if err := r.stayAway(ctx, w, l, 0, err); err != nil {
			return err
		}
	}
}

// announceSnapshots shows the sessions whose transactions a concurrent statement will have to outlast. It waits for all that may see what was
// there before, whatever tables they use.
func (r *runner) announceSnapshots(ctx context.Context, w *work) {
	if !r.watch.ready(ctx) {
		return
	}
	own := []int{r.pid, int(r.watch.conn.PgConn().PID())}
	blockers, err := r.watch.census(ctx, observing, own)
	if err != nil {
		return
	}
	if blockers = older(blockers, lasting); len(blockers) > 0 {
		r.watch.tell(Blocked{Migration: w.m, Step: w.number(), Back: w.undo != nil, On: look{kind: "virtualxid"}.on(), Blockers: blockers})
	}
}
