package history

import (
	"context"
	_ "embed" // the table
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

//go:embed lock.sql
var lockTable string

// Forms of the lock that keeps two runs apart.
const (
	// SessionLock is an advisory lock of the session that runs the steps; its row is a label.
	SessionLock = "session"
	// LeaseLock is the row itself, which counts for its lifetime after the last heartbeat.
	LeaseLock = "lease"
)

// Lock is the row of one key in pleat.lock: who runs, or ran last.
type Lock struct {
	Key   int64
	Token int64 // grows with each holder
	Form  string
	// ID is the holder's own; see [NewRunID].
	ID, Run, Operation string
	Scope              []string // managed schemas; nil for all
	PID                int      // of the server's process
	BackendStart       time.Time
	Role               string // session_user
	Client             Client
	Tool               string
	Since, Heartbeat   time.Time
	Lifetime           time.Duration
	Released           bool
	// Age is the time since the heartbeat by the server's clock when the row was read; below 0 when the clock was set back, or
	// when the row came with a dump of a server whose clock is ahead.
	Age time.Duration
}

// Live reports whether the row is a lease that nobody else may take. A heartbeat from further ahead than a lifetime cannot be
// that of a holder who still beats, as the next beat would have mended it.
func (k *Lock) Live() bool {
	return k != nil && k.Form == LeaseLock && !k.Released && k.Age < k.Lifetime && -k.Age < k.Lifetime
}

// Who is the person or machine that runs, in a few words.
func (k *Lock) Who() string {
	who := k.Client.User
	if who == "" {
		who = k.Role
	}
	if k.Client.Host != "" {
		who += "@" + k.Client.Host
	}
	return who
}

// live is [Lock.Live] in SQL, for the row l.
const live = `(l.form = 'lease' AND l.released_at IS NULL
	AND pg_catalog.clock_timestamp() - l.heartbeat < l.lifetime_ms * interval '1 millisecond'
	AND l.heartbeat - pg_catalog.clock_timestamp() < l.lifetime_ms * interval '1 millisecond')`

// Guard has every Append call check within its transaction, after the log was locked. An error keeps the event out of the log and
// so ends the transaction.
func (l *Log) Guard(check func(ctx context.Context) error) { l.guard = check }

// HasLock reports whether there is a table of locks that the role may read, and one that it may write.
func (l *Log) HasLock(ctx context.Context) (read, write bool, err error) {
	err = l.conn.QueryRow(ctx, `
		SELECT pg_catalog.has_table_privilege(c.oid, 'SELECT'),
			pg_catalog.has_table_privilege(c.oid, 'SELECT') AND pg_catalog.has_table_privilege(c.oid, 'INSERT')
				AND pg_catalog.has_table_privilege(c.oid, 'UPDATE')
		FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'pleat' AND c.relname = 'lock' AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')`, exec).Scan(&read, &write)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("look for the table of locks: %w", err)
	}
	return read, write, nil
}

// Lock reads the row of a key; nil where there is none or where the role may not read it.
func (l *Log) Lock(ctx context.Context, key int64) (*Lock, error) {
	read, _, err := l.HasLock(ctx)
	if err != nil || !read {
		return nil, err
	}
	k := &Lock{Key: key}
	var lifetime, age int64
	err = l.conn.QueryRow(ctx, `
		SELECT token, form, id, run, operation, scope, coalesce(pid, 0), coalesce(backend_start, 'epoch'), role, coalesce(host, ''), coalesce(os_user, ''),
			coalesce(client_pid, 0), coalesce(application, ''), coalesce(tool, ''), since, heartbeat, lifetime_ms, released_at IS NOT NULL,
			(extract(epoch FROM pg_catalog.clock_timestamp() - heartbeat) * 1000)::int8
		FROM pleat.lock WHERE key = $1`, exec, key).Scan(&k.Token, &k.Form, &k.ID, &k.Run, &k.Operation, &k.Scope, &k.PID, &k.BackendStart, &k.Role,
		&k.Client.Host, &k.Client.User, &k.Client.PID, &k.Client.Application, &k.Tool, &k.Since, &k.Heartbeat, &lifetime, &k.Released, &age)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the lock's row: %w", err)
	}
	k.Lifetime, k.Age = time.Duration(lifetime)*time.Millisecond, time.Duration(age)*time.Millisecond
	return k, nil
}

// claim writes the row of a key unless the condition on an existing row l keeps it out.
const claim = `
	INSERT INTO pleat.lock AS l (key, token, form, id, run, operation, scope, pid, backend_start, role, host, os_user, client_pid,
		application, tool, since, heartbeat, lifetime_ms)
	SELECT $1, 1, $2, $3, $4, $5, $6, pg_catalog.pg_backend_pid(), (SELECT backend_start FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()),
		session_user, $7, $8, $9, $10, $11, pg_catalog.clock_timestamp(), pg_catalog.clock_timestamp(), $12
	ON CONFLICT (key) DO UPDATE SET token = l.token + 1, form = excluded.form, id = excluded.id, run = excluded.run,
		operation = excluded.operation, scope = excluded.scope, pid = excluded.pid, backend_start = excluded.backend_start, role = excluded.role,
		host = excluded.host, os_user = excluded.os_user, client_pid = excluded.client_pid, application = excluded.application,
		tool = excluded.tool, since = excluded.since, heartbeat = pg_catalog.clock_timestamp(), lifetime_ms = excluded.lifetime_ms, released_at = NULL
	WHERE `

func (l *Log) claim(ctx context.Context, k Lock, where string, more ...any) (token int64, err error) {
	args := []any{exec, k.Key, k.Form, k.ID, k.Run, k.Operation, k.Scope, null(cleanText(k.Client.Host)), null(cleanText(k.Client.User)),
		null(k.Client.PID), null(cleanText(k.Client.Application)), null(cleanText(k.Tool)), k.Lifetime.Milliseconds()}
	err = l.conn.QueryRow(ctx, claim+where+" RETURNING token", append(args, more...)...).Scan(&token)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("write the lock's row: %w", err)
	}
	return token, nil
}

// TakeLease makes the row of the key a lease of the caller's and gives its token; 0 when somebody's lease is alive. Who waits
// for a row that another transaction changes sees what that one made of it.
func (l *Log) TakeLease(ctx context.Context, k Lock) (token int64, err error) {
	k.Form = LeaseLock
	return l.claim(ctx, k, "NOT "+live)
}

// LabelLock says in the row of the key who holds the session lock, and gives the token; 0 when the row is not the one seen before
// (nil for none), so that somebody else was at work meanwhile.
func (l *Log) LabelLock(ctx context.Context, k Lock, seen *Lock) (token int64, err error) {
	k.Form, k.Lifetime = SessionLock, 0
	if seen == nil {
		seen = &Lock{}
	}
	return l.claim(ctx, k, "l.token = $13 AND l.heartbeat = $14 AND l.id = $15 AND NOT "+live, seen.Token, seen.Heartbeat, seen.ID)
}

// RenameLock says what the holder does now.
func (l *Log) RenameLock(ctx context.Context, k Lock) error {
	_, err := l.conn.Exec(ctx, "UPDATE pleat.lock SET run = $3, operation = $4 WHERE key = $1 AND id = $2", exec, k.Key, k.ID, k.Run, k.Operation)
	if err != nil {
		return fmt.Errorf("write the lock's row: %w", err)
	}
	return nil
}

// KeepLock is a heartbeat, and the check of the token: false when the row is no longer that of the holder with this ID and token.
// Within a transaction the row stays locked to its end, and nobody can take it over before that.
func (l *Log) KeepLock(ctx context.Context, key int64, id string, token int64) (ours bool, err error) {
	tag, err := l.conn.Exec(ctx, `UPDATE pleat.lock SET heartbeat = pg_catalog.clock_timestamp()
		WHERE key = $1 AND id = $2 AND token = $3 AND released_at IS NULL`, exec, key, id, token)
	if err != nil {
		return false, fmt.Errorf("check the lock's row: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

// EndLease gives a lease back.
func (l *Log) EndLease(ctx context.Context, key int64, id string) error {
	_, err := l.conn.Exec(ctx, "UPDATE pleat.lock SET released_at = pg_catalog.clock_timestamp() WHERE key = $1 AND id = $2 AND released_at IS NULL", exec, key, id)
	if err != nil {
		return fmt.Errorf("give the lease back: %w", err)
	}
	return nil
}

// ReleaseLease takes a lease that nobody keeps up away from its holder, whose token counts no more from then on, and records it. It
// is false when the row is another, or alive, or given back. The event comes first: it takes the log's lock before the row's, as
// every run does.
func (l *Log) ReleaseLease(ctx context.Context, tx pgx.Tx, k *Lock, e Event) (bool, error) {
	tx = l.within(tx)
	e.Kind, e.Detail = LockTakenOver, k.Detail()
	if _, err := l.Append(ctx, tx, e); err != nil {
		return false, err
	}
	tag, err := l.conn.Exec(ctx, `UPDATE pleat.lock AS l SET released_at = pg_catalog.clock_timestamp(), token = l.token + 1
		WHERE l.key = $1 AND l.id = $2 AND l.token = $3 AND l.released_at IS NULL AND l.form = 'lease' AND NOT `+live, exec, k.Key, k.ID, k.Token)
	if err != nil {
		return false, fmt.Errorf("release the lease: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

// Detail is what the log keeps of a holder whose lock was taken over.
func (k *Lock) Detail() map[string]any {
	return map[string]any{"id": k.ID, "run": k.Run, "operation": k.Operation, "who": k.Who(), "application": k.Client.Application,
		"token": k.Token, "heartbeat": k.Heartbeat.UTC().Format(time.RFC3339)}
}
