package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// errLockLost is the cause of every refusal to go on without the lock.
var errLockLost = errors.New("another run may be at work")

// lockIsLost says that the run must not write any more.
func lockIsLost(how string) error {
	return &Refused{Code: "lock", Reason: how, Err: errLockLost, Next: "run it again: pleat apply looks at what is done and goes on"}
}

// lost reports whether an error says that the run's lock is gone.
func lost(err error) bool { return errors.Is(err, errLockLost) }

// guard makes sure within a transaction, before it commits, that the run still has its lock; without it another run may be at work.
// The row of the lock stays locked until the transaction ends, so that nobody takes the lock over before. Every event of a run
// passes here on its way into the log, so each transaction of a step does.
func (s *session) guard(ctx context.Context) error {
	if s.locked.form == history.SessionLock {
		held, err := s.holdsLock(ctx)
		if err != nil {
			return fmt.Errorf("look whether the lock is held: %w", err)
		}
		if !held {
			return lockIsLost("the run's lock is gone")
		}
	}
	if s.locked.token == 0 {
		return nil
	}
	ours, err := s.log.KeepLock(ctx, s.locked.key, s.locked.id, s.locked.token)
	if err != nil {
		return err
	}
	if !ours {
		return lockIsLost("the run's lock was taken over")
	}
	return nil
}

// stillOurs catches hand-written SQL that gave up the run's lock, before it commits.
func (r *runner) stillOurs(ctx context.Context, w *work) error {
	if w.m.Generated || r.locked.form != history.SessionLock {
		return nil
	}
	held, err := r.holdsLock(ctx)
	if err != nil {
		return newStepError(w.m, migration.Statement{}, err)
	}
	if !held {
		return newStepError(w.m, migration.Statement{}, &Refused{Code: "lock",
			Reason: "the step gave up the lock that keeps other runs away", Err: errLockLost, Next: "take pg_advisory_unlock_all or DISCARD out of it"})
	}
	return nil
}
