package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
)

// pulse keeps a lease up from a goroutine and a connection of its own. Each beat is one short statement that commits by itself: a
// transaction left open would stop CREATE INDEX CONCURRENTLY of the same run.
type pulse struct {
	stop  context.CancelFunc
	ended chan struct{}
}

// beat begins to keep the lease up. asked is a time before which nobody else can have had it.
func (s *session) beat(ctx context.Context, asked time.Time) error {
	conn, err := s.opts.Connect(ctx, PurposeHeartbeat)
	if err != nil {
		return fmt.Errorf("connect a second time to keep the lease up: %w", err)
	}
	// The run's end stops the pulse, not the caller's context: what is done while a run ends is done under the lease.
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	p := &pulse{stop: stop, ended: make(chan struct{})}
	s.locked.pulse = p
	b := &beating{s.locked, s.opts, conn, asked, s.onLost}
	go func() {
		defer close(p.ended)
		b.run(ctx)
	}()
	return nil
}

// end stops the beats and waits for the last.
func (p *pulse) end() {
	if p == nil {
		return
	}
	p.stop()
	<-p.ended
}

// beating is what the goroutine knows: nothing of the session that others change.
type beating struct {
	lock lock
	opts *Options
	conn *pgx.Conn
	// good is when the last beat that counted was sent, by this machine's monotonic clock: the server wrote a later time.
	good time.Time
	lost func(error)
}

func (b *beating) run(ctx context.Context) {
	times := b.opts.leaseTimes()
	defer func() {
		if b.conn != nil {
			closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			_ = b.conn.Close(closing)
		}
	}()
	pause := times.beat
	for sleep(ctx, pause) == nil {
		err := b.once(ctx, times)
		switch {
		case err == nil:
			pause = times.beat
			continue
		case lost(err):
			b.lost(err)
			return
		case time.Since(b.good) >= times.life:
			b.lost(lockIsLost(fmt.Sprintf("the run's lease could not be kept up (%v)", err)))
			return
		}
		pause = min(times.beat, max((times.life-time.Since(b.good))/4, 10*time.Millisecond))
	}
}

// once is one beat; it connects again where the connection is gone.
func (b *beating) once(ctx context.Context, times leaseTimes) error {
	ctx, cancel := context.WithTimeout(ctx, max(times.life-time.Since(b.good), time.Millisecond))
	defer cancel()
	if b.conn == nil || b.conn.IsClosed() {
		conn, err := b.opts.Connect(ctx, PurposeHeartbeat)
		if err != nil {
			return err
		}
		b.conn = conn
	}
	sent := time.Now()
	ours, err := history.Open(b.conn).KeepLock(ctx, b.lock.key, b.lock.id, b.lock.token)
	if err != nil {
		return err
	}
	if !ours {
		return lockIsLost("the run's lease was taken over")
	}
	b.good = sent
	return nil
}

// giveBack ends the lock before the connection is closed, which the server may notice a moment later; the next run of a lease need not
// wait for its end. A lease stays where the connection is broken: the server may still be at work for it.
func (s *session) giveBack(ctx context.Context) {
	s.locked.pulse.end()
	if s.conn.IsClosed() {
		return
	}
	// What goes wrong here only makes the next run wait.
	switch s.locked.form {
	case history.LeaseLock:
		_ = s.log.EndLease(ctx, s.locked.key, s.locked.id)
	case history.SessionLock:
		_, _ = s.conn.Exec(ctx, "SELECT pg_catalog.pg_advisory_unlock($1)", query, s.locked.key)
	}
}

// orLost makes the loss of the lease the reason of whatever it brought to an end.
func orLost(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	if err == nil || !lost(cause) || lost(err) {
		return err
	}
	return errors.Join(cause, err)
}
