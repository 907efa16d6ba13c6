package connect

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/history"
)

// Option changes one connection.
type Option func(*request)

type request struct {
	readWrite bool
	role      string
	onNotice  pgconn.NoticeHandler
}

// ReadWrite wants a server that can be written to (target_session_attrs=read-write), for commands that change it.
// Without it any server will do, so that a standby can be read.
func ReadWrite() Option { return func(r *request) { r.readWrite = true } }

// Role sets the role after connecting (SET ROLE) and checks that it holds. An empty name changes nothing.
func Role(name string) Option { return func(r *request) { r.role = name } }

// Notices hands the server's notices and warnings to handler.
func Notices(handler pgconn.NoticeHandler) Option { return func(r *request) { r.onNotice = handler } }

// Connect connects and sets the session up. purpose is one word for those who see the connection on the server
// ("plan", "apply"). The error is an [*Error]: with SQLSTATE and a next step, without any secret.
func (t *Target) Connect(ctx context.Context, purpose string, options ...Option) (*pgx.Conn, error) {
	var r request
	for _, option := range options {
		option(&r)
	}
	if t.Credentials != nil {
		return t.connectWith(ctx, purpose, r)
	}
	return t.connectOnce(ctx, purpose, r)
}

// connectOnce connects with the login that the target holds.
func (t *Target) connectOnce(ctx context.Context, purpose string, r request) (*pgx.Conn, error) {
	config, err := t.driverConfig(purpose)
	if err != nil {
		return nil, t.failure(err)
	}
	config.OnNotice = r.onNotice
	if err := r.writable(t, config); err != nil {
		return nil, t.failure(err)
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, t.failure(err)
	}
	if err = t.refusePooled(ctx, conn, config); err == nil {
		err = t.setUp(ctx, conn, purpose, r.role)
	}
	if err == nil {
		err = t.checkOwner(ctx, conn, r)
	}
	if err != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
		return nil, t.failure(err)
	}
	t.warnPlaintext(conn)
	return conn, nil
}

// writable asks for a writable server unless the user's own words already do.
func (r *request) writable(t *Target, config *pgx.ConnConfig) error {
	if !r.readWrite {
		return nil
	}
	switch wish := t.settings.values["target_session_attrs"]; wish {
	case "read-only", "standby":
		return fmt.Errorf("target_session_attrs=%s asks for a server that cannot be written to", wish)
	default:
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	return nil
}

// defaults are settings that the user's own (options, timezone, …) override. A role's or a database's timeouts are made
// for an application: they would end an index build half way or drop the connection that holds the lock.
func defaults(major int) []sessionSetting {
	out := []sessionSetting{
		{"statement_timeout", "0"}, {"lock_timeout", "0"}, {"idle_in_transaction_session_timeout", "0"},
		{"client_min_messages", "notice"}, {"row_security", "off"},
	}
	if major >= 14 {
		out = append(out, sessionSetting{"idle_session_timeout", "0"})
	}
	if major >= 17 {
		out = append(out, sessionSetting{"transaction_timeout", "0"})
	}
	return out
}

// formats decide how the server reads and prints text; everything that compares definitions relies on them. DateStyle
// keeps the database's order of day and month, which decides how a hand-written date is read.
var formats = []sessionSetting{
	{"client_encoding", "UTF8"}, {"standard_conforming_strings", "on"}, {"DateStyle", "ISO"}, {"IntervalStyle", "postgres"},
	{"extra_float_digits", "1"}, {"bytea_output", "hex"}, {"quote_all_identifiers", "off"},
}

// setUp makes the settings and reads them back in a second statement, which a pooler by transaction may send to
// another session.
func (t *Target) setUp(ctx context.Context, conn *pgx.Conn, purpose, role string) error {
	label := t.label(purpose)
	settings := append(defaults(majorVersion(conn)), t.settings.session...)
	settings = append(settings, formats...)
	settings = append(settings, sessionSetting{"application_name", label})
	if role != "" {
		settings = append(settings, sessionSetting{"role", role})
	}
	batch := &pgx.Batch{}
	for _, s := range settings {
		batch.Queue("SELECT pg_catalog.set_config($1, $2, false)", s.name, s.value)
	}
	results := conn.SendBatch(ctx, batch)
	for _, s := range settings {
		if _, err := results.Exec(); err != nil {
			_ = results.Close()
			return fmt.Errorf("set %s for the session: %w", s.name, err)
		}
	}
	if err := results.Close(); err != nil {
		return fmt.Errorf("set up the session: %w", err)
	}
	if err := history.KeepUnrecorded(ctx, conn); err != nil {
		return fmt.Errorf("set up the session: %w", err)
	}
	return readBack(ctx, conn, label, role)
}

var errPooled = errors.New("a connection pooler stands between that gives each transaction another session of the server, so that neither settings nor locks hold")

func readBack(ctx context.Context, conn *pgx.Conn, label, role string) error {
	var name, intervals, current string
	err := conn.QueryRow(ctx, "SELECT pg_catalog.current_setting('application_name'), "+
		"pg_catalog.current_setting('IntervalStyle'), current_user::pg_catalog.text").Scan(&name, &intervals, &current)
	if err != nil {
		return fmt.Errorf("read the settings of the session back: %w", err)
	}
	if name != label || intervals != "postgres" {
		return errPooled
	}
	if role != "" && current != role {
		return fmt.Errorf("set role %q: the session runs as %q", role, current)
	}
	return nil
}

// majorVersion is the server's major version as it announced it at the start, or 0.
func majorVersion(conn *pgx.Conn) int {
	text, _, _ := strings.Cut(conn.PgConn().ParameterStatus("server_version"), ".")
	text, _, _ = strings.Cut(text, " ")
	n, err := strconv.Atoi(strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz")) // 18beta1
	if err != nil {
		return 0
	}
	return n
}

func (t *Target) warnPlaintext(conn *pgx.Conn) {
	if _, encrypted := conn.PgConn().Conn().(*tls.Conn); encrypted || t.Warn == nil {
		return
	}
	host := conn.Config().Host
	for _, e := range t.endpoints {
		if !e.local() {
			t.Warn(fmt.Sprintf("the connection to %s is not encrypted: add sslmode=verify-full (or require)", host))
			return
		}
	}
}
