package apply

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// CancelBlockers says which sessions of others may be ended when they stand in the way of a step's locks; none by default.
type CancelBlockers struct {
	// Autovacuum cancels an autovacuum, unless it is one to prevent wraparound. The server would do so by itself after
	// deadlock_timeout, for waits on tables.
	Autovacuum bool
	// Idle ends sessions that have been idle in a transaction for longer; 0 means none.
	Idle time.Duration
}

// ParseCancelBlockers reads the words "autovacuum" and "idle:DURATION".
func ParseCancelBlockers(words []string) (c CancelBlockers, err error) {
	for _, word := range words {
		kind, value, _ := strings.Cut(strings.TrimSpace(word), ":")
		switch {
		case kind == "autovacuum" && value == "":
			c.Autovacuum = true
		case kind == "idle" && value != "":
			d, err := time.ParseDuration(strings.ReplaceAll(value, "min", "m"))
			if err != nil || d < time.Second {
				return c, &Refused{Code: "cancel_blockers", Reason: fmt.Sprintf("idle:%s is no duration of a second or more", value), Next: "write idle:30s or idle:5m"}
			}
			c.Idle = d
		default:
			return c, &Refused{Code: "cancel_blockers", Reason: fmt.Sprintf("nothing can be cancelled by the word %q", word),
				Next: "use autovacuum, or idle:DURATION for sessions that are idle in a transaction"}
		}
	}
	return c, nil
}

// clear ends those sessions that the options let it end, each at most once in an attempt. Sessions of pleat itself are passed over: a run that is
// between two statements is idle in a transaction too.
func (g *watching) clear(blockers []Blocker) {
	for _, b := range blockers {
		vacuum := g.opts.CancelBlockers.Autovacuum && b.autovacuum() && !b.Wraparound
		idle := g.opts.CancelBlockers.Idle > 0 && strings.HasPrefix(b.State, "idle in transaction") && b.Idle >= g.opts.CancelBlockers.Idle && !b.ours()
		unseen := b.Hidden && (g.opts.CancelBlockers != CancelBlockers{})
		switch {
		case b.PID == 0 || g.asked[b.who()]:
		case unseen:
			g.denied("hidden", b, errors.New("this role may not see what it does: GRANT pg_read_all_stats"))
		case vacuum:
			g.finish(b, false, `SELECT pg_catalog.pg_cancel_backend(pid) FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND backend_start = $2
				AND backend_type = 'autovacuum worker' AND query NOT LIKE '%to prevent wraparound%'`, b.PID, b.started)
		case idle:
			g.finish(b, true, `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND backend_start = $2
				AND state = $3 AND state_change = $4`, b.PID, b.started, b.State, b.changed)
		}
	}
}

// ours tells the sessions of pleat by the name that they give themselves.
func (b Blocker) ours() bool { return strings.HasPrefix(b.Application, "pleat/") }

// finish ends one. An attempt that is over meanwhile waits for it, so that its step can say whom it ended.
func (g *watching) finish(b Blocker, terminate bool, sql string, args ...any) {
	g.asked[b.who()] = true
	done, err := g.endOther(b, sql, args...)
	switch {
	case err != nil:
		g.denied("denied", b, err)
	case done:
		g.opts.observe(BlockerEnded{Migration: g.w.m, Step: g.w.number(), Blocker: b, Terminated: terminate})
	}
}

func (g *watching) endOther(b Blocker, sql string, args ...any) (done bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return false, nil
	}
	err = g.ask(g.ctx, func(rows pgx.Rows) error { return rows.Scan(&done) }, sql, args...)
	if done {
		g.seen.ended = append(g.seen.ended, b)
	}
	return done, err
}

// denied says once for each reason that somebody who should be ended cannot be.
func (g *watching) denied(why string, b Blocker, err error) {
	if g.refused[why] {
		return
	}
	g.refused[why] = true
	need := ""
	if sqlState(err) == "42501" {
		need = "; it takes membership in the role of that session or in pg_signal_backend, and for an autovacuum a superuser or, on PostgreSQL 18, pg_signal_autovacuum_worker"
	}
	g.opts.observe(Warned{fmt.Sprintf("%s stands in the way and could not be ended: %v%s", b, err, need)})
}
