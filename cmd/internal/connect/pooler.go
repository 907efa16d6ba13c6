package connect

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// occupied is how many of a pooler's idle sessions are kept busy at most, to see whether ours is among them.
	occupied = 32
	// patience is how long the pooler may take to give one of them.
	patience = 5 * time.Second
)

// Pooled says that a pooler stands between: the process that answers is not the one that the connection was told of
// at its start. Whether it keeps a session for a connection is another question.
func Pooled(ctx context.Context, conn *pgx.Conn) (bool, error) {
	pid, err := value(ctx, conn, "SELECT pg_catalog.pg_backend_pid()")
	if err != nil {
		return false, fmt.Errorf("ask for the backend's process: %w", err)
	}
	return pid != strconv.FormatUint(uint64(conn.PgConn().PID()), 10), nil
}

// refusePooled refuses a pooler by transaction before anything is set: what is set there stays in a session that the pooler gives to the
// application next. It occupies the pooler's idle sessions one after the other. One by transaction counts ours among them, and gives
// it out before it opens a new one. A pooler of which it cannot be told is let pass, for the read-back and the run's own check.
func (t *Target) refusePooled(ctx context.Context, conn *pgx.Conn, config *pgx.ConnConfig) error {
	pooled, err := Pooled(ctx, conn)
	if err != nil || !pooled {
		return err
	}
	ours, err := value(ctx, conn, "SELECT pg_catalog.pg_backend_pid()")
	if err != nil {
		return fmt.Errorf("ask for the backend's process: %w", err)
	}
	since, err := value(ctx, conn, "SELECT pg_catalog.clock_timestamp()")
	if err != nil {
		return fmt.Errorf("ask for the server's time: %w", err)
	}
	for range occupied {
		probe, err := pgx.ConnectConfig(ctx, probing(config))
		if err != nil {
			return nil
		}
		defer func() { _ = probe.Close(context.WithoutCancel(ctx)) }()
		pid, fresh, err := occupy(ctx, probe, since)
		if err != nil {
			return nil
		}
		now, err := value(ctx, conn, "SELECT pg_catalog.pg_backend_pid()")
		if err != nil {
			return fmt.Errorf("ask for the backend's process: %w", err)
		}
		if pid == ours || now != ours {
			return errPooled
		}
		if fresh {
			return nil
		}
	}
	return nil
}

// probing is the configuration of a connection beside the first.
func probing(config *pgx.ConnConfig) *pgx.ConnConfig {
	c := config.Copy()
	c.ValidateConnect, c.OnNotice = nil, nil
	return c
}

// occupy begins a transaction, which keeps the session from others until the connection ends, and says which session it is and
// whether it began after a time.
func occupy(ctx context.Context, conn *pgx.Conn, since string) (pid string, fresh bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err = conn.PgConn().Exec(ctx, "BEGIN").ReadAll(); err != nil {
		return "", false, err
	}
	if pid, err = value(ctx, conn, "SELECT pg_catalog.pg_backend_pid()"); err != nil {
		return "", false, err
	}
	began, err := value(ctx, conn, "SELECT backend_start > '"+since+"' FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()")
	return pid, began == "t", err
}

// value gives the one value of a query as text, by the simple protocol: one message, which no pooler divides.
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
