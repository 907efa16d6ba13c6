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
)

// LockKey is the key of the advisory lock for a database and the managed schemas in it. Runs with different sets of schemas
// do not wait for each other.
func LockKey(database string, scope []string) int64 {
	sorted := slices.Sorted(slices.Values(scope))
	sum := sha256.Sum256([]byte("pleat\x00" + database + "\x00" + strings.Join(sorted, "\x00")))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

const (
	lockPoll  = 250 * time.Millisecond // on average, between attempts
	lockShow  = 400 * time.Millisecond // before the holder is shown for the first time
	lockAgain = 5 * time.Second        // between further times
)

// lock takes the advisory lock by trying again and again, and proves that it holds.
func (s *session) lock(ctx context.Context) error {
	begin := time.Now()
	show := lockShow
	for {
		taken, err := s.tryLock(ctx, s.conn)
		if err != nil {
			return fmt.Errorf("take the lock: %w", err)
		}
		if taken {
			return s.proveLock(ctx)
		}
		waited := time.Since(begin)
		if waited >= s.opts.lockWait() {
			holder, err := s.holder(ctx)
			if err != nil {
				return err
			}
			return &LockHeldError{Holder: holder, Waited: waited}
		}
		if waited >= show {
			holder, err := s.holder(ctx)
			if err != nil {
				return err
			}
			s.opts.observe(LockWaiting{Holder: holder, Waited: waited})
			show = waited + lockAgain
		}
		if err := sleep(ctx, lockPoll/2+rand.N(lockPoll)); err != nil {
			return fmt.Errorf("wait for the lock: %w", err)
		}
	}
}

func (s *session) tryLock(ctx context.Context, conn *pgx.Conn) (taken bool, err error) {
	return taken, conn.QueryRow(ctx, "SELECT pg_catalog.pg_try_advisory_lock($1)", query, s.key).Scan(&taken)
}

// proveLock asks a second connection whether the lock keeps it out, and whether ours is the session that holds it. A
// transaction pooler that hands out server sessions freely fails one or the other, and so does a server that only
// pretends to know advisory locks.
func (s *session) proveLock(ctx context.Context) error {
	untrusted := func(why string) error {
		return &Refused{Code: "lock", Reason: "the lock cannot be trusted: " + why,
			Next: "connect directly to PostgreSQL, not through a transaction pooler"}
	}
	probe, err := s.opts.Connect(ctx, PurposeProbe)
	if err != nil {
		return fmt.Errorf("connect a second time to prove the lock: %w", err)
	}
	defer func() { _ = probe.Close(context.WithoutCancel(ctx)) }()
	taken, err := s.tryLock(ctx, probe)
	if err != nil {
		return fmt.Errorf("prove the lock: %w", err)
	}
	if taken {
		// Closing the probe's connection may only give it back to a pooler.
		_, _ = probe.Exec(ctx, "SELECT pg_catalog.pg_advisory_unlock($1)", query, s.key)
		return untrusted("a second session could take it too")
	}
	held, err := s.holdsLock(ctx)
	if err != nil {
		return fmt.Errorf("prove the lock: %w", err)
	}
	if !held {
		return untrusted("the session that took it is not the one that answers now")
	}
	return nil
}

// lockedBy finds the session that holds the lock; the key's halves are how pg_locks shows it.
const lockedBy = `FROM pg_catalog.pg_locks l
	WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
	AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
	AND l.classid = ((($1::int8 >> 32) & 4294967295)::text)::oid AND l.objid = (($1::int8 & 4294967295)::text)::oid`

// holdsLock reports whether the session still is the one that took the lock and still has it.
func (s *session) holdsLock(ctx context.Context) (held bool, err error) {
	return held, s.conn.QueryRow(ctx, "SELECT pg_catalog.pg_backend_pid() = $2 AND EXISTS (SELECT 1 "+lockedBy+" AND l.pid = $2)",
		query, s.key, s.pid).Scan(&held)
}

// holder finds out who has the lock; empty when it was given up meanwhile.
func (s *session) holder(ctx context.Context) (Holder, error) {
	var h Holder
	var since *time.Time
	err := s.conn.QueryRow(ctx, `SELECT l.pid, coalesce(a.usename::text, ''), coalesce(a.application_name, ''),
			coalesce(pg_catalog.host(a.client_addr), ''), a.backend_start
		FROM (SELECT l.pid `+lockedBy+`) l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid`, query, s.key).
		Scan(&h.PID, &h.User, &h.Application, &h.Client, &since)
	if errors.Is(err, pgx.ErrNoRows) {
		return Holder{}, nil
	}
	if err != nil {
		return Holder{}, fmt.Errorf("find the holder of the lock: %w", err)
	}
	if since != nil {
		h.Since = *since
	}
	return h, nil
}

// sleep waits, or returns the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
