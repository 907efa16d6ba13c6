package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
)

// LockState is what can be seen of the lock of a database and scope.
type LockState struct {
	Database string
	Key      int64
	// Holders are the sessions that hold the advisory lock, or the one that holds the lease. There is one at most where locks can
	// be trusted.
	Holders []Holder
	// Row is who holds the lock or held it last; nil where nobody ever did, or the role may not see it. It is the holder's where
	// [Holder].Label is set.
	Row *history.Lock
	// Queue are those who wait, oldest session first.
	Queue []Holder
}

// Held reports whether anybody holds the lock.
func (s *LockState) Held() bool { return len(s.Holders) > 0 }

// Form is that of the lock which is held; empty when nobody holds it.
func (s *LockState) Form() string {
	switch {
	case !s.Held():
		return ""
	case s.Row.Live():
		return history.LeaseLock
	}
	return history.SessionLock
}

// ReadLock looks who holds the lock of the connection's database and of a scope, and who waits for it. It writes nothing.
func ReadLock(ctx context.Context, conn *pgx.Conn, scope []string) (*LockState, error) {
	s := &LockState{}
	if err := conn.QueryRow(ctx, "SELECT pg_catalog.current_database()::text", query).Scan(&s.Database); err != nil {
		return nil, fmt.Errorf("read the locks: %w", err)
	}
	s.Key = LockKey(s.Database, scope)
	var err error
	if s.Row, err = history.Open(conn).Lock(ctx, s.Key); err != nil {
		return nil, err
	}
	if s.Holders, err = sessionsWith(ctx, conn, s.Key); err != nil {
		return nil, err
	}
	if s.Queue, err = sessionsWith(ctx, conn, queueKey(s.Database, scope)); err != nil {
		return nil, err
	}
	for i := range s.Holders {
		s.Holders[i].labelled(s.Row)
	}
	if s.Row.Live() {
		s.Holders = []Holder{leaseholder(s.Row)}
	}
	return s, nil
}

// sessionsWith are the sessions that hold an advisory lock.
func sessionsWith(ctx context.Context, conn *pgx.Conn, key int64) ([]Holder, error) {
	rows, err := conn.Query(ctx, `SELECT l.pid, coalesce(a.usename::text, ''), coalesce(a.application_name, ''),
			coalesce(pg_catalog.host(a.client_addr), ''), a.backend_start
		FROM (SELECT DISTINCT l.pid `+lockedBy+`) l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid ORDER BY a.backend_start, l.pid`, query, key)
	if err != nil {
		return nil, fmt.Errorf("find the holder of the lock: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h Holder, err error) {
		var since *time.Time
		err = row.Scan(&h.PID, &h.User, &h.Application, &h.Client, &since)
		if since != nil {
			h.Since = *since
		}
		return h, err
	})
	if err != nil {
		return nil, fmt.Errorf("find the holder of the lock: %w", err)
	}
	return list, nil
}

// labelled adds the row to the holder that it is about. A label of another session is one that a killed run left, or that came with
// a dump.
func (h *Holder) labelled(row *history.Lock) {
	if row != nil && row.Form == history.SessionLock && row.PID == h.PID && (h.Since.IsZero() || h.Since.Equal(row.BackendStart)) {
		h.Label = row
	}
}

func leaseholder(row *history.Lock) Holder {
	return Holder{PID: row.PID, User: row.Role, Application: row.Client.Application, Since: row.BackendStart, Label: row}
}

// holder finds out who has the lock; empty when it was given up meanwhile.
func (s *session) holder(ctx context.Context) (Holder, error) {
	row, err := s.log.Lock(ctx, s.locked.key)
	if err != nil {
		return Holder{}, err
	}
	if row.Live() {
		return leaseholder(row), nil
	}
	list, err := sessionsWith(ctx, s.conn, s.locked.key)
	if err != nil || len(list) == 0 {
		return Holder{}, err
	}
	list[0].labelled(row)
	return list[0], nil
}

// ReleaseLock releases a lease that nobody keeps up and records it; id, where it is not empty, must be that of the lease. What is alive is
// a *LockHeldError: an advisory lock ends with its session and is never stale. It is a *Refused when there is nothing to release.
func ReleaseLock(ctx context.Context, opts Options, id string) (*history.Lock, error) {
	if err := opts.check(false); err != nil {
		return nil, err
	}
	s, err := open(ctx, &opts)
	if err != nil {
		return nil, err
	}
	defer s.close()
	state, err := ReadLock(ctx, s.conn, opts.Scope)
	if err != nil {
		return nil, err
	}
	row := state.Row
	switch {
	case id != "" && (row == nil || row.ID != id):
		return nil, &Refused{Code: "lock", Reason: fmt.Sprintf("no lock has the ID %q", id), Next: "look who holds it: pleat lock status"}
	case state.Held():
		return nil, &LockHeldError{Holder: state.Holders[0], Release: true}
	case row == nil || row.Form != history.LeaseLock || row.Released:
		return nil, &Refused{Code: "lock", Reason: "nobody holds the lock, so there is nothing to release"}
	}
	busy, err := s.works(ctx, row)
	if err != nil {
		return nil, err
	}
	if busy {
		return nil, &LockHeldError{Holder: leaseholder(row), Release: true}
	}
	return row, s.release(ctx, row)
}

func (s *session) release(ctx context.Context, row *history.Lock) error {
	err := pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		done, err := s.log.ReleaseLease(ctx, tx, row, s.event(history.Event{}))
		if err == nil && !done {
			err = &Refused{Code: "lock", Reason: "the lease changed while it was looked at", Next: "look again: pleat lock status"}
		}
		return err
	})
	var refused *Refused
	if err != nil && !errors.As(err, &refused) {
		return fmt.Errorf("release the lease: %w", err)
	}
	return err
}

// works reports whether the server still runs a statement of the session that held a lease: a run that was killed may leave one.
func (s *session) works(ctx context.Context, row *history.Lock) (busy bool, err error) {
	err = s.conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity
		WHERE pid = $1 AND backend_start = $2 AND state = 'active' AND pid <> pg_catalog.pg_backend_pid())`, query, row.PID, row.BackendStart).Scan(&busy)
	if err != nil {
		return false, fmt.Errorf("look whether the holder of the lease still works: %w", err)
	}
	return busy, nil
}
