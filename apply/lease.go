package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
)

// leaseTimes are how long a lease counts after its last heartbeat, and how often it beats.
type leaseTimes struct{ life, beat time.Duration }

func (o *Options) leaseTimes() leaseTimes {
	if o.lease.life > 0 {
		return o.lease
	}
	return leaseTimes{life: 30 * time.Second, beat: 5 * time.Second}
}

// lease takes the lock as a row, for the advisory locks cannot be trusted. It is taken in one statement that finds the row free or
// expired by the server's clock, and kept up from a connection of its own.
func (s *session) lease(ctx context.Context, w *waiting, why string) error {
	s.opts.observe(Warned{"advisory locks cannot be trusted here (" + why + "), so the lock is a lease: a row in pleat.lock with a heartbeat"})
	// What the server made of the attempts may still be something.
	_, _ = s.conn.Exec(ctx, "SELECT pg_catalog.pg_advisory_unlock_all()", query)
	for {
		ready, err := s.leasable(ctx)
		if err != nil {
			return err
		}
		if ready {
			if taken, err := s.takeLease(ctx); err != nil || taken {
				return err
			}
		}
		if err := w.again(ctx); err != nil {
			return err
		}
	}
}

// leasable makes the table where it is not there. It is false when somebody else just makes it.
func (s *session) leasable(ctx context.Context) (bool, error) {
	_, write, err := s.log.HasLock(ctx)
	if err != nil || write {
		return write, err
	}
	err = pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		exists, err := s.log.Exists(ctx)
		if err != nil {
			return err
		}
		if !exists {
			return s.log.Create(ctx, tx, s.event(history.Event{}))
		}
		return s.log.Upgrade(ctx, tx, s.event(history.Event{}))
	})
	switch sqlState(err) {
	case "23505", "42P06", "42P07", "40P01", "55P03": // unique_violation, duplicate_schema, duplicate_table: two at once
		return false, nil
	}
	if errors.Is(err, history.ErrOccupied) {
		// It may be what somebody else made between the two looks.
		if exists, looked := s.log.Exists(ctx); looked == nil && exists {
			return false, nil
		}
	}
	if err == nil {
		_, write, err = s.log.HasLock(ctx)
	}
	if err != nil || !write {
		return false, &Refused{Code: "privileges", Reason: "advisory locks cannot be trusted here, and this role may not write the lock's row in pleat.lock", Err: err,
			Next: "connect as the owner of the schema pleat, or grant it: GRANT USAGE ON SCHEMA pleat; GRANT SELECT, INSERT, UPDATE ON pleat.lock"}
	}
	return true, nil
}

// takeLease is one attempt.
func (s *session) takeLease(ctx context.Context) (bool, error) {
	before, err := s.log.Lock(ctx, s.locked.key)
	if err != nil || before.Live() {
		return false, err
	}
	if before != nil && before.Form == history.LeaseLock && !before.Released {
		if busy, err := s.works(ctx, before); err != nil || busy {
			return false, err
		}
	}
	asked := time.Now()
	row := s.lockRow("apply")
	row.Lifetime = s.opts.leaseTimes().life
	token, err := s.log.TakeLease(ctx, row)
	if err != nil || token == 0 {
		return false, err
	}
	s.locked.form, s.locked.token = history.LeaseLock, token
	if before != nil && before.Form == history.LeaseLock && !before.Released {
		s.locked.tookOver = before
	}
	return true, s.beat(ctx, asked)
}

// lockRow describes this session in pleat.lock.
func (s *session) lockRow(operation string) history.Lock {
	return history.Lock{Key: s.locked.key, ID: s.locked.id, Run: s.run, Operation: operation, Scope: s.opts.Scope, Client: s.client, Tool: s.opts.Tool}
}

// label says in pleat.lock who runs what, in the transaction in which the run begins. It gives the token that counts once that
// transaction is committed.
func (s *session) label(ctx context.Context, operation string) (token int64, err error) {
	token = s.locked.token
	if token > 0 {
		return token, s.log.RenameLock(ctx, s.lockRow(operation))
	}
	_, write, err := s.log.HasLock(ctx)
	if err != nil || !write || s.locked.form == "" {
		return 0, err
	}
	if token, err = s.log.LabelLock(ctx, s.lockRow(operation), s.locked.seen); err == nil && token == 0 {
		err = lockIsLost("another run began meanwhile")
	}
	return token, err
}

// takeovers are the events that say whose lease the run took over.
func (s *session) takeovers() []history.Event {
	if s.locked.tookOver == nil {
		return nil
	}
	was := s.locked.tookOver
	s.opts.observe(Warned{fmt.Sprintf("took over the lease of run %s (%s), which gave no sign of life for %s", was.Run, was.Who(), was.Age.Round(time.Second))})
	s.locked.tookOver = nil
	return []history.Event{{Kind: history.LockTakenOver, Detail: was.Detail()}}
}
