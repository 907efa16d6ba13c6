package apply

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// pinProbes is how many server sessions a pooler may have idle for it to be proven that it gives none of ours away.
	pinProbes = 32
	// pinPatience is how long the pooler may take to give one probe a session.
	pinPatience = 5 * time.Second
)

// unpinned says that a pooler stands between and is not known to keep a server's session for a connection.
func unpinned(why string, err error) error {
	return &Refused{Code: "lock", Reason: "the lock cannot be trusted behind this connection pooler: " + why, Err: err,
		Next: "give the server's own address as direct_url in the environment, PLEAT_DIRECT_URL or --direct-url, or have the pooler pool by session"}
}

// refusePooled refuses a pooler by transaction, before anything is set or locked in a session that it would give to others. A
// pooler of any kind shows itself by the server process that answers, which is not the one that the connection was told of.
func (s *session) refusePooled(ctx context.Context) error {
	// The simple protocol is one message, which no pooler divides.
	pid, err := answer(ctx, s.conn, "SELECT pg_catalog.pg_backend_pid()")
	if err != nil {
		return fmt.Errorf("set up session: %w", err)
	}
	if pid == strconv.FormatUint(uint64(s.conn.PgConn().PID()), 10) || s.opts.DryRun {
		return nil
	}
	var since string
	if since, err = answer(ctx, s.conn, "SELECT pg_catalog.clock_timestamp()"); err != nil {
		return fmt.Errorf("set up session: %w", err)
	}
	return s.pinned(ctx, pid, since)
}

// pinned occupies one server session after the other. A pooler by transaction gives out an idle session before it opens a new one, and
// ours is idle to it: either a probe gets ours, or a probe gets a new one, and then ours was not to be had.
func (s *session) pinned(ctx context.Context, pid, since string) error {
	for range pinProbes {
		probe, err := s.opts.Connect(ctx, PurposeProbe)
		if err != nil {
			return unpinned("a second connection could not be made while the first was idle", err)
		}
		defer func() { _ = probe.Close(context.WithoutCancel(ctx)) }()
		theirs, fresh, err := occupy(ctx, probe, since)
		if err != nil {
			return unpinned("a second connection got no session while the first was idle", err)
		}
		now, err := answer(ctx, s.conn, "SELECT pg_catalog.pg_backend_pid()")
		if err != nil {
			return fmt.Errorf("look for a pooler: %w", err)
		}
		if theirs == pid || now != pid {
			return unpinned("it gives each transaction another session of the server", nil)
		}
		if fresh {
			return nil
		}
	}
	return unpinned(fmt.Sprintf("it has more than %d idle sessions of the server, so that nobody can tell whether ours is among them", pinProbes), nil)
}

// occupy begins a transaction, which keeps the server's session from others until the connection ends, and says which session it
// is and whether it began after a time.
func occupy(ctx context.Context, conn *pgx.Conn, since string) (pid string, fresh bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, pinPatience)
	defer cancel()
	if _, err := conn.PgConn().Exec(ctx, "BEGIN").ReadAll(); err != nil {
		return "", false, err
	}
	if pid, err = answer(ctx, conn, "SELECT pg_catalog.pg_backend_pid()"); err != nil {
		return "", false, err
	}
	began, err := answer(ctx, conn, "SELECT backend_start > '"+since+"' FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()")
	return pid, began == "t", err
}

// answer gives the one value of a query, as text.
func answer(ctx context.Context, conn *pgx.Conn, sql string) (string, error) {
	results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil {
		return "", err
	}
	if len(results) != 1 || len(results[0].Rows) != 1 || len(results[0].Rows[0]) != 1 {
		return "", errors.New("the server's answer has not one value")
	}
	return string(results[0].Rows[0][0]), nil
}
