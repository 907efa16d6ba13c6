package apply

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// meter is what was seen of one attempt.
type meter struct {
	wait     wait
	waited   time.Duration // for locks
	harm     time.Duration // to sessions behind ours
	behind   int           // at most
	blockers []Blocker     // when last seen waiting
	// tripped says why the watcher cancelled the statement; empty where it did not.
	tripped string
	// ended are the sessions of others that were ended because that is wished.
	ended []Blocker
}

// wait is what a session waits for.
type wait struct{ mode, on string }

// watching is one attempt, or one statement, under the watcher's eye.
type watching struct {
	*watcher
	ctx context.Context
	w   *work
	who backend
	// every is the time between two looks while it waits.
	every time.Duration
	// cancels is set where the statement may be cancelled and tried again.
	cancels bool
	// long is set for statements whose progress is told.
	long    bool
	began   time.Time
	stopped sync.Once
	stop    chan struct{}
	done    chan struct{}
	// mu guards seen, and is held while our statement is being cancelled. Nothing is cancelled or noted once over is set.
	mu         sync.Mutex
	over       bool
	seen       meter
	asked      map[string]bool // blockers that were cancelled
	progressed time.Time
}

// watchOver looks after what runs from here on until end is called. The timeout is that of the attempt; 0 is a statement that may wait
// for as long as it takes.
func (s *session) watchOver(ctx context.Context, w *work, timeout time.Duration) (*watching, error) {
	g := &watching{watcher: s.watch, ctx: ctx, w: w, cancels: timeout > 0, long: timeout == 0, began: time.Now(), asked: map[string]bool{}}
	g.stop, g.done = make(chan struct{}), make(chan struct{})
	who, err := s.backend(ctx)
	if err != nil {
		return nil, err
	}
	ready := g.ready(ctx)
	g.last = meter{}
	if !ready {
		close(g.done)
		return g, nil
	}
	if g.who, err = g.know(ctx, who); err != nil {
		g.lost(err)
		close(g.done)
		return g, nil
	}
	g.every = time.Second
	if timeout > 0 {
		g.every = max(50*time.Millisecond, min(timeout/4, time.Second))
	}
	g.busy = g.done
	go g.loop()
	return g, nil
}

// end stops looking; when it returns, nothing will be cancelled any more. A look that is under way is not waited for: locks are held.
func (g *watching) end() meter {
	g.stopped.Do(func() {
		close(g.stop)
		g.mu.Lock()
		defer g.mu.Unlock()
		g.over = true
		g.spent += g.seen.harm
		g.last = g.seen
		for _, b := range g.seen.ended {
			g.w.ended = append(g.w.ended, b.String())
		}
	})
	return g.seen
}

func (g *watching) loop() {
	defer close(g.done)
	pause, before := g.every, time.Now()
	for {
		select {
		case <-g.stop:
			return
		case <-g.ctx.Done():
			return
		case <-time.After(pause):
		}
		l, err := g.look()
		if err != nil {
			if g.lost(err); g.conn.IsClosed() || g.failed >= watchFailures {
				return
			}
			continue
		}
		g.failed = 0
		now := time.Now()
		if err := g.note(l, now.Sub(before)); err != nil {
			g.lost(err)
		}
		before = now
		if g.tripped() {
			return
		}
		if pause = g.every; !l.waiting() && time.Since(g.began) > 2*time.Second {
			pause = time.Second
		}
	}
}

func (g *watching) tripped() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.seen.tripped != ""
}

// lost counts a failure of the watcher. A single answer that took too long is no news.
func (g *watching) lost(err error) {
	g.failed++
	if g.conn.IsClosed() || g.failed >= watchFailures {
		_ = g.conn.Close(context.WithoutCancel(g.ctx))
		g.blind(err)
	}
}

// note takes over what was seen.
func (g *watching) note(l look, since time.Duration) error {
	if !l.waiting() {
		return g.progress(l)
	}
	blockers, err := g.blocking(g.ctx, g.who.pid)
	if err != nil {
		return err
	}
	seen, over := g.add(l, since, blockers)
	if over {
		return nil
	}
	if g.long || seen.waited >= time.Second {
		g.tell(Blocked{Migration: g.w.m, Step: g.w.number(), Back: g.w.undo != nil, Mode: seen.wait.mode, On: seen.wait.on, Blockers: seen.blockers,
			Behind: l.behind, Waited: seen.waited, Harm: seen.harm})
	}
	g.clear(blockers)
	if g.long {
		if err := g.progress(l); err != nil {
			return err
		}
	}
	return g.judge(l)
}

// add notes one look at a session that waits.
func (g *watching) add(l look, since time.Duration, blockers []Blocker) (seen meter, over bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return g.seen, true
	}
	g.seen.wait = wait{modeWords(l.mode), l.on()}
	g.seen.waited += since
	g.seen.harm += time.Duration(l.behind) * since
	g.seen.behind = max(g.seen.behind, l.behind)
	if len(blockers) > 0 {
		g.seen.blockers = blockers
	}
	return g.seen, false
}

// judge cancels our own statement where waiting on does too much harm.
func (g *watching) judge(l look) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	why := ""
	switch {
	case !g.cancels, g.over:
	case l.behind >= g.ceiling:
		why = fmt.Sprintf("%d sessions waited behind it", l.behind)
	case g.seen.harm >= attemptHarm:
		why = fmt.Sprintf("sessions behind it had waited %s in all", g.seen.harm.Round(time.Second))
	case g.spent+g.seen.harm >= stepHarm:
		why = fmt.Sprintf("in all attempts, sessions behind it had waited %s", (g.spent + g.seen.harm).Round(time.Second))
	}
	if why == "" {
		return nil
	}
	hit, err := g.cancelOurs()
	if hit {
		g.seen.tripped = why
	}
	return err
}

// cancelOurs cancels the statement that waits, if it is still ours and still waits.
func (g *watching) cancelOurs() (hit bool, err error) {
	err = g.ask(g.ctx, func(rows pgx.Rows) error { return rows.Scan(&hit) },
		`SELECT pg_catalog.pg_cancel_backend(a.pid) FROM pg_catalog.pg_stat_get_activity($1) a
		WHERE a.backend_start = $2 AND a.state = 'active' AND a.wait_event_type = 'Lock' AND ($3::timestamptz IS NULL OR a.xact_start = $3)`,
		g.who.pid, g.who.started, g.who.transaction)
	if sqlState(err) == "42501" {
		g.cancels = false
		g.blind(err)
		return false, nil
	}
	return hit, err
}
