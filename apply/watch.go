package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// The harm that waiting may do: a session that waits behind ours for a second costs a second.
const (
	attemptHarm = 10 * time.Second // of one attempt
	stepHarm    = 20 * time.Second // of all attempts of a step, or of a batch
)

const (
	// watchLimit bounds a query of the watcher on the server, watchPatience its answer.
	watchLimit    = "500ms"
	watchPatience = 3 * time.Second
	// watchFailures is how often the watcher may fail in a row before it is given up.
	watchFailures = 3
)

// watcher looks at a session's waits from a second connection, and cancels the session's own statement where waiting does too much
// harm to others. Each of its queries is a transaction of its own, so that it holds no snapshot which a concurrent build would wait for.
type watcher struct {
	opts    *Options
	conn    *pgx.Conn
	failed  int  // in a row
	said    bool // that nobody watches
	refused map[string]bool
	// ceiling is how many sessions may wait behind ours.
	ceiling int
	who     backend
	// busy is closed when the look of an attempt that is over has ended, and the connection is free.
	busy chan struct{}
	// spent is the harm done by the attempts of this step, or of this batch, so far.
	spent time.Duration
	// last is what was seen of the last attempt.
	last meter
	// told and toldAt are what was last shown of who stands in the way.
	told   string
	toldAt time.Time
}

// backend is a server process that runs our statements. Behind a pooler each transaction may have another one, and a process
// number alone says nothing: it may be somebody else's a moment later.
type backend struct {
	pid     int
	started time.Time
	// transaction is when ours began; nil for a statement outside of one.
	transaction *time.Time
}

func newWatcher(opts *Options) *watcher { return &watcher{opts: opts, refused: map[string]bool{}} }

// ready connects where that is still to be done. Without a connection lock_timeout alone bounds a wait, which is said once.
func (w *watcher) ready(ctx context.Context) bool {
	w.free()
	if w.conn != nil && !w.conn.IsClosed() {
		return true
	}
	if w.failed >= watchFailures {
		return false
	}
	if err := w.connect(ctx); err != nil {
		w.failed++
		w.blind(err)
		return false
	}
	return true
}

// free waits until no attempt is looked after any more.
func (w *watcher) free() {
	if w.busy != nil {
		<-w.busy
	}
}

// connect opens the second connection. It works under the role that logged in, which is whose sessions the server lets it cancel and
// look into; the role that the steps take may be another.
func (w *watcher) connect(ctx context.Context) error {
	within, cancel := context.WithTimeout(ctx, 2*watchPatience)
	defer cancel()
	conn, err := w.opts.Connect(within, PurposeWatch)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if err := direct(within, conn); err != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
		return err
	}
	for _, p := range []setting{
		{"role", "none"}, {"search_path", ""}, {"statement_timeout", watchLimit}, {"lock_timeout", watchLimit}, {"default_transaction_read_only", "on"},
	} {
		if _, err = conn.Exec(within, "SELECT pg_catalog.set_config($1, $2, false)", query, p.name, p.value); err != nil {
			break
		}
	}
	var most int
	if err == nil {
		err = conn.QueryRow(within, "SELECT pg_catalog.current_setting('max_connections')::int4", query).Scan(&most)
	}
	if err != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
		return fmt.Errorf("set up session: %w", err)
	}
	w.conn, w.ceiling, w.who = conn, max(2, min(20, most*4/10)), backend{}
	return nil
}

// direct refuses a connection through a pooler: what is set for the watcher would stay behind in a session that others get.
func direct(ctx context.Context, conn *pgx.Conn) error {
	var pid int64
	if err := conn.QueryRow(ctx, "SELECT pg_catalog.pg_backend_pid()::int8", query).Scan(&pid); err != nil {
		return fmt.Errorf("ask for the backend's process: %w", err)
	}
	if pid != int64(conn.PgConn().PID()) {
		return errors.New("a connection pooler stands between")
	}
	return nil
}

// blind says, once, that nobody watches.
func (w *watcher) blind(err error) {
	if w.said {
		return
	}
	w.said = true
	w.opts.observe(Warned{fmt.Sprintf("nobody watches how many sessions wait behind ours (%v); only the time of each attempt to get a lock is bounded", err)})
}

// close ends the connection, when no attempt is watched.
func (w *watcher) close(ctx context.Context) {
	if w != nil && w.conn != nil {
		w.free()
		_ = w.conn.Close(ctx)
	}
}

// ask runs one query within its time. It has a context of its own: one that ends closes the connection.
func (w *watcher) ask(ctx context.Context, into func(pgx.Rows) error, sql string, args ...any) error {
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), watchPatience)
	defer cancel()
	rows, err := w.conn.Query(within, sql, append([]any{query}, args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := into(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// know finds out when a process began, once for each.
func (w *watcher) know(ctx context.Context, who backend) (backend, error) {
	if w.who.pid != who.pid || w.who.started.IsZero() {
		var started *time.Time
		err := w.ask(ctx, func(rows pgx.Rows) error { return rows.Scan(&started) },
			"SELECT backend_start FROM pg_catalog.pg_stat_get_activity($1)", who.pid)
		if err != nil {
			return who, err
		}
		if started == nil {
			return who, fmt.Errorf("the role that logged in may not see its own session %d", who.pid)
		}
		w.who = backend{pid: who.pid, started: *started}
	}
	who.started = w.who.started
	return who, nil
}

// backend says which process runs our statements now. Call it within the transaction that is to be watched, or outside of any.
func (s *session) backend(ctx context.Context) (who backend, err error) {
	var now time.Time
	err = s.conn.QueryRow(ctx, "SELECT pg_catalog.pg_backend_pid(), pg_catalog.now()", query).Scan(&who.pid, &now)
	if err != nil {
		return who, fmt.Errorf("ask for the backend's process: %w", err)
	}
	if s.conn.PgConn().TxStatus() != 'I' {
		who.transaction = &now
	}
	return who, nil
}
