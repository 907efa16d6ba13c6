package apply

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
)

// LockKey is the key of the lock for a database and the managed schemas in it. Runs with different sets of schemas
// do not wait for each other.
func LockKey(database string, scope []string) int64 { return keyOf("pleat", database, scope) }

// queueKey is the key of the shared advisory lock by which those who wait can be seen.
func queueKey(database string, scope []string) int64 { return keyOf("pleat queue", database, scope) }

func keyOf(what, database string, scope []string) int64 {
	sorted := slices.Compact(slices.Sorted(slices.Values(scope)))
	sum := sha256.Sum256([]byte(what + "\x00" + database + "\x00" + strings.Join(sorted, "\x00")))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

const (
	lockPoll  = 250 * time.Millisecond // on average, between attempts
	lockShow  = 400 * time.Millisecond // before the holder is shown for the first time
	lockAgain = 5 * time.Second        // between further times
)

// lock is what a session has of the lock that keeps two runs apart.
type lock struct {
	form string // as in history.Lock; empty before the lock is taken and in a dry run
	key  int64
	// queue is the key by which waiters are seen.
	queue int64
	// id and token are those of the row in pleat.lock; the token is 0 while the row is not this session's.
	id    string
	token int64
	// seen is the row as it was when the lock was taken; nil where there was none.
	seen *history.Lock
	// pulse keeps a lease up.
	pulse *pulse
	// tookOver is whose lease this session took; nil where there was none.
	tookOver *history.Lock
}

// lock takes the lock by trying again and again, and proves that it holds: as an advisory lock of the session where those can be
// trusted, otherwise as a lease.
func (s *session) lock(ctx context.Context) error {
	s.log.Guard(s.guard)
	w := &waiting{session: s, begin: time.Now(), show: lockShow}
	defer w.leave(ctx)
	for {
		taken, err := s.tryLock(ctx, s.conn)
		if unknownLock(err) {
			return s.lease(ctx, w, "the server knows none of them")
		}
		if err != nil {
			return fmt.Errorf("take the lock: %w", err)
		}
		if taken {
			if why, err := s.proveLock(ctx); err != nil || why != "" {
				if err != nil {
					return err
				}
				return s.lease(ctx, w, why)
			}
			free, err := s.besideLeases(ctx)
			if err != nil || free {
				return err
			}
		}
		if err := w.again(ctx); err != nil {
			return err
		}
	}
}

// besideLeases finishes the taking of the advisory lock unless there is a lease that is alive: then the lock is given back.
func (s *session) besideLeases(ctx context.Context) (free bool, err error) {
	if s.locked.seen, err = s.log.Lock(ctx, s.locked.key); err != nil {
		return false, err
	}
	if !s.locked.seen.Live() {
		s.locked.form = history.SessionLock
		return true, nil
	}
	if _, err := s.conn.Exec(ctx, "SELECT pg_catalog.pg_advisory_unlock($1)", query, s.locked.key); err != nil {
		return false, fmt.Errorf("give the lock back: %w", err)
	}
	return false, nil
}

func (s *session) tryLock(ctx context.Context, conn *pgx.Conn) (taken bool, err error) {
	return taken, conn.QueryRow(ctx, "SELECT pg_catalog.pg_try_advisory_lock($1)", query, s.locked.key).Scan(&taken)
}

// unknownLock reports whether an error says that a server has no advisory locks: undefined_function, feature_not_supported, or no row.
func unknownLock(err error) bool {
	state := sqlState(err)
	return state == "42883" || state == "0A000" || errors.Is(err, pgx.ErrNoRows)
}

// proveLock asks a second connection whether the lock keeps it out, and whether ours is the session that holds it. It says why the
// lock cannot be trusted; empty when it can.
func (s *session) proveLock(ctx context.Context) (why string, err error) {
	probe, err := s.opts.Connect(ctx, PurposeProbe)
	if err != nil {
		return "", fmt.Errorf("connect a second time to prove the lock: %w", err)
	}
	defer func() { _ = probe.Close(context.WithoutCancel(ctx)) }()
	taken, err := s.tryLock(ctx, probe)
	if err != nil {
		return "", fmt.Errorf("prove the lock: %w", err)
	}
	if taken {
		// Closing the probe's connection may only give it back to a pooler.
		_, _ = probe.Exec(ctx, "SELECT pg_catalog.pg_advisory_unlock($1)", query, s.locked.key)
		return "a second session could take one too", nil
	}
	held, err := s.holdsLock(ctx)
	if err != nil {
		return "", fmt.Errorf("prove the lock: %w", err)
	}
	if !held {
		return "the session that took one does not hold it", nil
	}
	return "", nil
}

// lockedBy finds the sessions that hold an advisory lock; the key's halves are how pg_locks shows it, and objsubid 1 marks such a
// key (PostgreSQL 13 to 18).
const lockedBy = `FROM pg_catalog.pg_locks l
	WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
	AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
	AND l.classid = ((($1::int8 >> 32) & 4294967295)::text)::oid AND l.objid = (($1::int8 & 4294967295)::text)::oid`

// holdsLock reports whether the session still is the one that took the advisory lock and still has it.
func (s *session) holdsLock(ctx context.Context) (held bool, err error) {
	return held, s.conn.QueryRow(ctx, "SELECT pg_catalog.pg_backend_pid() = $2 AND EXISTS (SELECT 1 "+lockedBy+" AND l.pid = $2)",
		query, s.locked.key, s.pid).Scan(&held)
}

// waiting is the time until another run ends. A waiter holds a shared advisory lock beside, by which it can be seen and counted;
// it sleeps outside of any statement.
type waiting struct {
	*session
	begin  time.Time
	show   time.Duration
	queued bool
}

// again waits for the next attempt, and tells now and then for whom; a *LockHeldError when the time is over.
func (w *waiting) again(ctx context.Context) error {
	if !w.queued && w.opts.lockWait() > 0 {
		// A server that knows no advisory locks shows no queue.
		_, err := w.conn.Exec(ctx, "SELECT pg_catalog.pg_try_advisory_lock_shared($1)", query, w.locked.queue)
		w.queued = err == nil
	}
	waited := time.Since(w.begin)
	over := waited >= w.opts.lockWait()
	if over || waited >= w.show {
		holder, err := w.holder(ctx)
		if err != nil {
			return err
		}
		if over {
			return &LockHeldError{Holder: holder, Waited: waited}
		}
		w.opts.observe(LockWaiting{Holder: holder, Waited: waited})
		w.show = waited + lockAgain
	}
	if err := sleep(ctx, lockPoll/2+rand.N(lockPoll)); err != nil {
		return fmt.Errorf("wait for the lock: %w", err)
	}
	return nil
}

// leave goes out of the queue.
func (w *waiting) leave(ctx context.Context) {
	if w.queued && !w.conn.IsClosed() && ctx.Err() == nil {
		_, _ = w.conn.Exec(ctx, "SELECT pg_catalog.pg_advisory_unlock_shared($1)", query, w.locked.queue)
	}
}
