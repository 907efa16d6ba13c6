package pooler

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// most is how many idle sessions of a pooler are kept busy to see whether ours is among them.
	most = 32
	// patience is how long the pooler may take to give one of them.
	patience = 5 * time.Second

	backend = "SELECT pg_catalog.pg_backend_pid()"
)

// Keeps says whether a pooler keeps a server's session for a connection.
type Keeps int

// The values of [Keeps].
const (
	Unknown Keeps = iota
	Yes
	No
)

// Between says that a pooler stands between: the process that answers is not the one that the connection was told of at its start.
func Between(ctx context.Context, conn *pgx.Conn) (bool, error) {
	pid, err := value(ctx, conn, backend)
	if err != nil {
		return false, fmt.Errorf("ask for the backend's process: %w", err)
	}
	return pid != strconv.FormatUint(uint64(conn.PgConn().PID()), 10), nil
}

// KeepsSession occupies one idle session of the pooler after the other with connections of its own. A pooler by transaction counts ours
// among them, as it is idle to it, and gives it out before it opens a new one: either a probe gets ours, or a probe gets a new one, and
// then ours was not to be had. why says how the answer was found, or why there is none.
func KeepsSession(ctx context.Context, conn *pgx.Conn, connect func(context.Context) (*pgx.Conn, error)) (_ Keeps, why string, err error) {
	ours, err := value(ctx, conn, backend)
	if err != nil {
		return Unknown, "", fmt.Errorf("ask for the backend's process: %w", err)
	}
	since, err := value(ctx, conn, "SELECT pg_catalog.clock_timestamp()")
	if err != nil {
		return Unknown, "", fmt.Errorf("ask for the server's time: %w", err)
	}
	for range most {
		probe, err := connect(ctx)
		if err != nil {
			return Unknown, "a second connection could not be made while the first was idle: " + err.Error(), nil
		}
		defer func() { _ = probe.Close(context.WithoutCancel(ctx)) }()
		theirs, fresh, err := occupy(ctx, probe, since)
		if err != nil {
			return Unknown, "a second connection got no session while the first was idle: " + err.Error(), nil
		}
		now, err := value(ctx, conn, backend)
		if err != nil {
			return Unknown, "", fmt.Errorf("ask for the backend's process: %w", err)
		}
		if theirs == ours || now != ours {
			return No, "it gives each transaction another session of the server", nil
		}
		if fresh {
			return Yes, "", nil
		}
	}
	return Unknown, fmt.Sprintf("it has more than %d idle sessions of the server, so that nobody can tell whether ours is among them", most), nil
}

// occupy begins a transaction, which keeps the session from others until the connection ends, and says which session it is and
// whether it began after a time.
func occupy(ctx context.Context, conn *pgx.Conn, since string) (pid string, fresh bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err = conn.PgConn().Exec(ctx, "BEGIN").ReadAll(); err != nil {
		return "", false, err
	}
	if pid, err = value(ctx, conn, backend); err != nil {
		return "", false, err
	}
	began, err := value(ctx, conn, "SELECT backend_start > '"+since+"' FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()")
	return pid, began == "t", err
}

// value gives the one value of a query as text.
func value(ctx context.Context, conn *pgx.Conn, sql string) (string, error) {
	results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil {
		return "", err
	}
	if len(results) != 1 || len(results[0].Rows) != 1 || len(results[0].Rows[0]) != 1 {
		return "", errors.New("the server's answer has not one value")
	}
	return string(results[0].Rows[0][0]), nil
}
