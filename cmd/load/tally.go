package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// tally counts what all clients of a journey notice, by phase.
type tally struct {
	mu    sync.Mutex
	phase string
	lines map[key]*count
	fails map[failKey]int
}

type key struct{ phase, code, statement string }

type failKey struct{ phase, code, statement, state, message string }

// count is what is known of one statement in one phase.
type count struct {
	Sent, Failed, Again int
	Longest             time.Duration
}

// failure is an error that clients met, and how often.
type failure struct {
	Phase     string `json:"phase"`
	Code      string `json:"code"`
	Statement string `json:"statement"`
	SQLState  string `json:"sqlstate,omitempty"`
	Message   string `json:"message"`
	Times     int    `json:"times"`
}

func newTally() *tally { return &tally{lines: map[key]*count{}, fails: map[failKey]int{}} }

func (t *tally) enter(phase string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.phase = phase
}

func (t *tally) now() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.phase
}

// add counts a statement in the phase in which it began.
func (t *tally) add(phase, code, statement string, took time.Duration, again bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := key{phase, code, statement}
	c := t.lines[k]
	if c == nil {
		c = &count{}
		t.lines[k] = c
	}
	c.Sent++
	c.Longest = max(c.Longest, took)
	if again {
		c.Again++
	}
	if err != nil {
		c.Failed++
		t.fails[failKeyOf(phase, code, statement, err)]++
	}
}

// fail counts what failed and is no statement of the scenario.
func (t *tally) fail(code, what string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fails[failKeyOf(t.phase, code, what, err)]++
}

func failKeyOf(phase, code, statement string, err error) failKey {
	k := failKey{phase: phase, code: code, statement: statement, message: err.Error()}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		k.state, k.message = pg.Code, pg.Message
	}
	return k
}

// failures lists all errors, the most frequent first.
func (t *tally) failures() []failure {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []failure
	for k, n := range t.fails {
		all = append(all, failure{k.phase, k.code, k.statement, k.state, k.message, n})
	}
	slices.SortFunc(all, func(a, b failure) int {
		return cmp.Or(b.Times-a.Times, cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
	return all
}

// phaseReport is what clients noticed in one phase.
type phaseReport struct {
	Phase  string `json:"phase"`
	Sent   int    `json:"statements"`
	Failed int    `json:"failed"`
	Again  int    `json:"prepared_again"`
	// Longest is the longest time of any statement, Excess the longest over the statement's own longest in the quiet.
	Longest ms     `json:"longest_ms"`
	Excess  ms     `json:"excess_ms"`
	Slowest string `json:"slowest,omitempty"`
	// LockWait is the longest wait for a lock because of pleat, Behind what pleat did.
	LockWait ms     `json:"lock_wait_ms"`
	Behind   string `json:"behind,omitempty"`
	Took     ms     `json:"took_ms"`
}

// ms is a duration in milliseconds.
type ms float64

func msOf(d time.Duration) ms { return ms(float64(d.Microseconds()) / 1000) }

// summarize fills in what was counted in a phase; quiet has the statements' own times.
func (t *tally) summarize(r *phaseReport, quiet map[string]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, c := range t.lines {
		if k.phase != r.Phase {
			continue
		}
		r.Sent += c.Sent
		r.Failed += c.Failed
		r.Again += c.Again
		r.Longest = max(r.Longest, msOf(c.Longest))
		own := t.lines[key{quiet[k.code], k.code, k.statement}]
		if own == nil {
			continue
		}
		if excess := msOf(c.Longest - own.Longest); excess > r.Excess {
			r.Excess, r.Slowest = excess, k.code+": "+k.statement
		}
	}
}
