package apply

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/history"
)

// query is how bookkeeping is sent: no cached statement, and binary results that no setting of the session changes.
const query = pgx.QueryExecModeDescribeExec

// setting is a configuration parameter of a session.
type setting struct{ name, value string }

// defaults are what every session has unless the caller set it on the connection: a role's or a database's timeouts are made
// for an application.
var defaults = []setting{
	{"statement_timeout", "0"},
	{"transaction_timeout", "0"},  // PostgreSQL 17 and later
	{"idle_session_timeout", "0"}, // PostgreSQL 14 and later
	{"idle_in_transaction_session_timeout", "60s"},
	{"client_min_messages", "notice"},
	// A server whose client is cut off notices within half a minute, and gives the lock up.
	{"tcp_keepalives_idle", "10s"},
	{"tcp_keepalives_interval", "5s"},
	{"tcp_keepalives_count", "3"},
	{"tcp_user_timeout", "25s"},
}

// pinned are what every session has, whoever set it to something else. Each step sets its own lock_timeout; this one is for
// bookkeeping.
var pinned = []setting{
	{"lock_timeout", "30s"},
	{"standard_conforming_strings", "on"},
	{"default_transaction_isolation", "read committed"},
}

// clientCheck is how often a working server looks for its client.
var clientCheck = setting{"client_connection_check_interval", "1s"}

// session is the one connection that does everything, with what is needed to bring it back to how it was.
type session struct {
	opts *Options
	conn *pgx.Conn
	log  *history.Log
	pid  int
	// locked is what the session has of the lock; onLost ends the run when a lease is gone.
	locked lock
	onLost func(error)
	// given are the parameters that the caller had set on the connection, and role its SET ROLE.
	given []setting
	role  string
	// watched is set where the server looks for its client while it works.
	watched bool
	run     string
	// client describes this process for the log.
	client history.Client
	// watch looks at the waits of this session from another one.
	watch *watcher
	// verdicts are what evidence there is about contract files, by version.
	verdicts map[string]*Verdict
	// secrets are the passwords of the files that are looked at, the longest first.
	secrets []string
	// stopper ends the run in order; nil while nothing runs.
	stopper *stopper
}

// open connects and pins the session. The caller must close it.
func open(ctx context.Context, opts *Options) (*session, error) {
	conn, err := opts.Connect(ctx, PurposeApply)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if opts.Observer != nil {
		opts.Observer = &serial{to: opts.Observer}
	}
	s := &session{opts: opts, watch: newWatcher(opts), run: history.NewRunID(time.Now())}
	s.use(conn)
	if err := s.refusePooled(ctx); err != nil {
		s.close()
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// use makes the session one over this connection.
func (s *session) use(conn *pgx.Conn) {
	s.conn, s.log = conn, history.Open(conn)
	conn.PgConn().CustomData()[noticeKey] = func(n *pgconn.Notice) {
		s.opts.observe(Noticed{n.Severity, n.Message, n.Detail, n.Hint})
	}
}

func (s *session) prepare(ctx context.Context) error {
	var standby bool
	var database, application string
	err := s.conn.QueryRow(ctx, `SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_database()::text,
		pg_catalog.current_setting('application_name'), pg_catalog.current_setting('role'), pg_catalog.pg_backend_pid()`, query).
		Scan(&standby, &database, &application, &s.role, &s.pid)
	if err != nil {
		return fmt.Errorf("set up session: %w", err)
	}
	if standby && !s.opts.DryRun {
		return &Refused{Code: "standby", Reason: "the server is a standby, which cannot be written to", Next: "connect to the primary"}
	}
	s.client = history.LocalClient(application)
	s.locked = lock{key: LockKey(database, s.opts.Scope), queue: queueKey(database, s.opts.Scope), id: history.NewRunID(time.Now())}
	rows, err := s.conn.Query(ctx, `SELECT name, pg_catalog.current_setting(name) FROM pg_catalog.pg_settings
		WHERE source = 'session' AND context IN ('user', 'superuser')`, query)
	if err != nil {
		return fmt.Errorf("set up session: %w", err)
	}
	s.given, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (g setting, err error) {
		return g, row.Scan(&g.name, &g.value)
	})
	if err != nil {
		return fmt.Errorf("set up session: %w", err)
	}
	if err := s.set(ctx, false, s.added()...); err != nil {
		return fmt.Errorf("set up session: %w", err)
	}
	if err := history.KeepUnrecorded(ctx, s.conn); err != nil {
		return fmt.Errorf("set up session: %w", err)
	}
	return s.watchClient(ctx)
}

// watchClient has the server look every second, while it works on a statement, whether this process is still there, so that no lock
// outlives it (client_connection_check_interval, PostgreSQL 14 and later). PostgreSQL 13, and 14 on systems that cannot tell,
// notice at the end of the statement.
func (s *session) watchClient(ctx context.Context) error {
	if slices.ContainsFunc(s.given, func(g setting) bool { return g.name == clientCheck.name }) {
		return nil
	}
	err := s.set(ctx, false, clientCheck)
	s.watched = err == nil
	if sqlState(err) == "22023" {
		return nil
	}
	return err
}

// added are the parameters that the session has beside those that the caller gave it. A dry run has the server itself refuse
// every write.
func (s *session) added() []setting {
	var out []setting
	for _, d := range defaults {
		if !slices.ContainsFunc(s.given, func(g setting) bool { return g.name == d.name }) {
			out = append(out, d)
		}
	}
	out = append(out, pinned...)
	if s.watched {
		out = append(out, clientCheck)
	}
	if s.opts.DryRun {
		out = append(out, setting{"default_transaction_read_only", "on"})
	}
	return out
}

// set changes parameters of the session, or of the transaction when local. Parameters that the server does not know are
// left out.
func (s *session) set(ctx context.Context, local bool, to ...setting) error {
	names, values := make([]string, len(to)), make([]string, len(to))
	for i, p := range to {
		names[i], values[i] = p.name, p.value
	}
	_, err := s.conn.Exec(ctx, `SELECT pg_catalog.set_config(v.name, v.value, $3)
		FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) WITH ORDINALITY AS v (name, value, place)
		WHERE v.name IN (SELECT name FROM pg_catalog.pg_settings) ORDER BY v.place`, query, names, values, local)
	if err != nil {
		return fmt.Errorf("set parameters of the session: %w", err)
	}
	return nil
}

// restore takes back what a hand-written statement may have done to the session: parameters and roles. Not the lock;
// see [session.holdsLock]. The caller's parameters come back under the role that logged in, as the role that it then took may
// not be allowed to set them.
func (s *session) restore(ctx context.Context) error {
	for _, sql := range []string{"RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL"} {
		if _, err := s.exec(ctx, sql); err != nil {
			return fmt.Errorf("restore session: %w", err)
		}
	}
	if err := s.set(ctx, false, slices.Concat(s.given, s.added())...); err != nil {
		return fmt.Errorf("restore session: %w", err)
	}
	if err := history.KeepUnrecorded(ctx, s.conn); err != nil {
		return fmt.Errorf("restore session: %w", err)
	}
	if _, err := s.conn.Exec(ctx, "SELECT pg_catalog.set_config('role', $1, false)", query, s.role); err != nil {
		return fmt.Errorf("restore session: %w", err)
	}
	return nil
}

// exec sends one statement as it is, by the simple protocol, and reads past its rows.
func (s *session) exec(ctx context.Context, sql string) (pgconn.CommandTag, error) {
	defer s.stopper.running()()
	results := s.conn.PgConn().Exec(ctx, sql)
	var tag pgconn.CommandTag
	for results.NextResult() {
		tag, _ = results.ResultReader().Close() // its error comes back from the outer Close
	}
	return tag, results.Close()
}

// close gives up the lock with the connection. It has its own time, as the caller's context may be over.
func (s *session) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	s.giveBack(ctx)
	s.watch.close(ctx)
	_ = s.conn.Close(ctx)
}

// event fills in who and which run.
func (s *session) event(e history.Event) history.Event {
	e.Run, e.Release, e.Client, e.Tool = s.run, s.opts.Release, s.client, s.opts.Tool
	e.Detail = s.masked(e.Detail)
	return e
}

// record writes events in a transaction of their own.
func (s *session) record(ctx context.Context, events ...history.Event) error {
	return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		for _, e := range events {
			if _, err := s.log.Append(ctx, tx, s.event(e)); err != nil {
				return err
			}
		}
		return nil
	})
}
