package apply

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// ladder says how long each attempt of a step may wait for its locks, and how long to stay away after it. While an
// attempt waits, everyone who needs the table waits behind it, so attempts are short and pauses are long.
type ladder struct {
	ceiling time.Duration // of one attempt
	budget  time.Duration // of all
	begin   time.Time
	attempt int
}

// rungs are the first attempts; all later ones may wait up to the ceiling.
var rungs = []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 300 * time.Millisecond, 500 * time.Millisecond}

// ladder reads the server's deadlock_timeout: an autovacuum in the way is only cancelled after a waiter
// waited as long (PostgreSQL, proc.c, ProcSleep).
func (s *session) ladder(ctx context.Context) (*ladder, error) {
	l := &ladder{ceiling: s.opts.LockTimeout, budget: s.opts.LockBudget, begin: time.Now()}
	if l.budget <= 0 {
		l.budget = 10 * time.Minute
	}
	if l.ceiling > 0 {
		return l, nil
	}
	var ms int64
	err := s.conn.QueryRow(ctx, "SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'deadlock_timeout'", query).Scan(&ms)
	if err != nil {
		return nil, fmt.Errorf("read deadlock_timeout: %w", err)
	}
	l.ceiling = time.Duration(ms)*time.Millisecond + 500*time.Millisecond
	return l, nil
}

// timeout is that of the next attempt.
func (l *ladder) timeout() time.Duration {
	l.attempt++
	if l.attempt <= len(rungs) {
		return min(rungs[l.attempt-1], l.ceiling)
	}
	return l.ceiling
}

// pause is the time to stay away after an attempt; ok is false when the budget is used up. Pauses double and are
// drawn from their upper half, so that two runs do not meet again and again.
func (l *ladder) pause() (d time.Duration, ok bool) {
	left := l.budget - time.Since(l.begin)
	if left <= 0 {
		return 0, false
	}
	most := min(100*time.Millisecond<<min(l.attempt, 12), 2*time.Minute)
	return min(most/2+rand.N(most/2), left), true
}

// contended reports whether an error says that others hold the locks: lock_not_available or deadlock_detected.
func contended(err error) bool {
	state := sqlState(err)
	return state == "55P03" || state == "40P01"
}
