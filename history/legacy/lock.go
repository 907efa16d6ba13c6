package legacy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// keepAway takes the tool's advisory locks and locks its tables against writers, both until the transaction ends and without waiting.
// Where somebody else holds one, that is a problem that names the holder.
func (h *History) keepAway(ctx context.Context, db *Database, keys []int64) error {
	for _, key := range keys {
		var free bool
		if err := db.tx.QueryRow(ctx, "SELECT pg_catalog.pg_try_advisory_xact_lock($1)", exec, key).Scan(&free); err != nil {
			return fmt.Errorf("take the lock of %s: %w", h.Source.Tool, err)
		}
		if free {
			continue
		}
		who, err := db.holder(ctx, key)
		if err != nil {
			return err
		}
		h.running("%s holds its lock (advisory key %d%s)", h.Source.Tool, key, who)
		return nil
	}
	for _, name := range append([]Name{{h.Source.Schema, h.Source.Table}}, h.Source.Beside...) {
		if err := h.lockTable(ctx, db, name); err != nil || len(h.Problems) > 0 {
			return err
		}
	}
	return nil
}

// running is the problem of a tool that is at work.
func (h *History) running(format string, args ...any) {
	h.problem(ToolRunning, "", "let it end, or end it, and import again", format, args...)
}

// lockTable locks a table against writers and against structural changes; readers go on.
func (h *History) lockTable(ctx context.Context, db *Database, name Name) error {
	save, err := db.tx.Begin(ctx)
	if err != nil {
		return fmt.Errorf("lock %s: %w", name.SQL(), err)
	}
	_, err = save.Exec(ctx, "LOCK TABLE ONLY "+name.SQL()+" IN SHARE ROW EXCLUSIVE MODE NOWAIT", pgx.QueryExecModeExec)
	if err == nil {
		return save.Commit(ctx)
	}
	if undo := save.Rollback(ctx); undo != nil {
		return fmt.Errorf("lock %s: %w", name.SQL(), errors.Join(err, undo))
	}
	var server *pgconn.PgError
	switch {
	case errors.As(err, &server) && server.Code == "55P03":
		who, err := db.writer(ctx, name)
		if err != nil {
			return err
		}
		h.running("somebody writes %s%s", name.SQL(), who)
		return nil
	case errors.As(err, &server) && server.Code == "42501":
		h.problem(Unreadable, "", "connect as the table's owner, or grant it for the time of the import: GRANT SELECT, UPDATE ON "+name.SQL(),
			"this role may not lock %s, and without that the tool could write while its history is read", name.SQL())
		return nil
	}
	return fmt.Errorf("lock %s: %w", name.SQL(), err)
}

const holderQuery = `
SELECT a.pid, coalesce(a.application_name, ''), coalesce(a.usename::text, ''), coalesce(a.backend_start, pg_catalog.now())
FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.granted AND l.pid <> pg_catalog.pg_backend_pid()
	AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
`

// holder says who has an advisory lock.
func (db *Database) holder(ctx context.Context, key int64) (string, error) {
	return db.session(ctx, holderQuery+`AND l.locktype = 'advisory' AND l.objsubid = 1
	AND ((l.classid::bigint << 32) | l.objid::bigint) = $1 LIMIT 1`, key)
}

// writer says who has a lock on a table that is in our way.
func (db *Database) writer(ctx context.Context, name Name) (string, error) {
	oid := uint32(0)
	if t := db.Lookup(name.Schema, name.Table); t != nil {
		oid = t.OID
	}
	return db.session(ctx, holderQuery+`AND l.locktype = 'relation' AND l.relation = $1
	AND l.mode NOT IN ('AccessShareLock', 'RowShareLock') LIMIT 1`, oid)
}

func (db *Database) session(ctx context.Context, query string, arg any) (string, error) {
	var pid int32
	var application, user string
	var since time.Time
	err := db.tx.QueryRow(ctx, query, exec, arg).Scan(&pid, &application, &user, &since)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look who runs: %w", err)
	}
	text := fmt.Sprintf(", process %d of %s", pid, user)
	if application != "" {
		text += " (" + application + ")"
	}
	return text + ", connected since " + since.UTC().Format(time.RFC3339), nil
}
