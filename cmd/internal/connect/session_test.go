package connect

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pleatdb/pleat/apply/pooler"
)

func open(t *testing.T, url string, env Lookup, options ...Option) *pgx.Conn {
	t.Helper()
	target, err := Parse(url, env)
	if err != nil {
		t.Fatal(err)
	}
	target.Program = "pleat/1.2.3"
	conn, err := target.Connect(context.Background(), "plan", options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func setting(t *testing.T, conn *pgx.Conn, name string) (value string) {
	t.Helper()
	if err := conn.QueryRow(context.Background(), "SELECT current_setting($1)", name).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestSessionSettings(t *testing.T) {
	s := tcpServer(t)
	conn := open(t, s.canaryURL("options=-c%20DateStyle%3DGerman%20-c%20work_mem%3D9MB%20--lock-timeout%3D3s"), environment("PGTZ", "Asia/Tokyo", "GITHUB_RUN_ID", "42"))
	for name, want := range map[string]string{
		"application_name": "pleat/1.2.3 plan github-42", "standard_conforming_strings": "on", "DateStyle": "ISO, DMY",
		"IntervalStyle": "postgres", "extra_float_digits": "1", "client_encoding": "UTF8", "row_security": "off",
		"client_min_messages": "notice", "statement_timeout": "0", "idle_in_transaction_session_timeout": "0",
		"TimeZone": "Asia/Tokyo", "work_mem": "9MB", "lock_timeout": "3s",
	} {
		if got := setting(t, conn, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if s.Major() >= 14 && setting(t, conn, "idle_session_timeout") != "0" {
		t.Error("idle_session_timeout is not pinned")
	}
	if conn.Config().DefaultQueryExecMode != pgx.QueryExecModeDescribeExec {
		t.Error("the statement cache is in use")
	}
	if pooled, err := pooler.Between(context.Background(), conn); err != nil || pooled {
		t.Errorf("pooled %v %v", pooled, err)
	}
	if err := readBack(context.Background(), conn, "another session's name", ""); !errors.Is(err, errPooled) {
		t.Errorf("lost settings are not noticed: %v", err)
	}
}

func TestLabelFitsTheServer(t *testing.T) {
	s := tcpServer(t)
	conn := open(t, s.canaryURL("application_name="+strings.Repeat("%C3%A9x", 60)), environment())
	got := setting(t, conn, "application_name")
	if len(got) != 63 || !strings.HasPrefix(got, "pleat/1.2.3 plan ?x?x") {
		t.Errorf("application_name is %q", got)
	}
}

func TestRole(t *testing.T) {
	s := tcpServer(t)
	const role = `Owner's "Role"`
	conn := open(t, s.canaryURL(""), environment(), Role(role))
	var current, session string
	if err := conn.QueryRow(context.Background(), "SELECT current_user, session_user").Scan(&current, &session); err != nil {
		t.Fatal(err)
	}
	if current != role || session != "canary" {
		t.Errorf("runs as %s of session %s", current, session)
	}
	target, err := Parse(s.canaryURL(""), environment())
	if err != nil {
		t.Fatal(err)
	}
	_, err = target.Connect(context.Background(), "plan", Role("pg_write_server_files"))
	var failed *Error
	if !errors.As(err, &failed) || failed.Code != "42501" {
		t.Errorf("a role that is not granted: %v", err)
	}
}

func TestReadWrite(t *testing.T) {
	s := tcpServer(t)
	readonly := strings.Replace(s.canaryURL(""), "canary:"+encodedCanary, "readonly:ro", 1)
	target, err := Parse(readonly, environment())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := target.Connect(context.Background(), "apply", ReadWrite()); !errors.Is(err, pgconn.ErrReadOnlyConnection) ||
		!strings.Contains(err.Error(), "connect to the primary") {
		t.Errorf("a session that cannot write: %v", err)
	}
	connects(t, "reading", target)
	target, err = Parse(s.canaryURL("target_session_attrs=standby"), environment())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := target.Connect(context.Background(), "apply", ReadWrite()); err == nil || !strings.Contains(err.Error(), "target_session_attrs=standby") {
		t.Errorf("want a refusal, got %v", err)
	}
	open(t, s.canaryURL(""), environment(), ReadWrite())
}

func TestHostaddrReplacesTheResolver(t *testing.T) {
	s := tcpServer(t)
	target, err := Parse(fmt.Sprintf("host=no.such.host.invalid hostaddr=127.0.0.1 port=%d user=canary dbname=postgres password='%s'", s.port, canary), environment())
	if err != nil {
		t.Fatal(err)
	}
	var warned []string
	target.Warn = func(text string) { warned = append(warned, text) }
	connects(t, "hostaddr", target)
	if len(warned) != 0 {
		t.Errorf("a loopback address is local: %q", warned)
	}
}

// TestPlaintextWarning reaches the server by a name that is not local for all that the target knows.
func TestPlaintextWarning(t *testing.T) {
	s := tcpServer(t)
	target, err := Parse(s.canaryURL(""), environment())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := target.Connect(context.Background(), "plan")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var warned []string
	target.Warn = func(text string) { warned = append(warned, text) }
	target.endpoints = []endpoint{{host: "db.example.org", port: 5432}}
	target.warnPlaintext(conn)
	if len(warned) != 1 || !strings.Contains(warned[0], "not encrypted") {
		t.Errorf("warnings: %q", warned)
	}
}

func TestSecondHostIsTried(t *testing.T) {
	s := tcpServer(t)
	target, err := Parse(fmt.Sprintf("host=127.0.0.1,127.0.0.1 port=1,%d user=canary dbname=postgres password='%s' load_balance_hosts=random", s.port, canary), environment())
	if err != nil {
		t.Fatal(err)
	}
	connects(t, "two hosts", target)
}

func TestFailuresSayWhatToDo(t *testing.T) {
	s := tcpServer(t)
	at := func(userinfo, path string) string {
		return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s", userinfo, s.port, path)
	}
	tests := []struct{ name, url, code, hint string }{
		{"wrong password", at("canary:wrong", "postgres"), "28P01", "check the password"},
		{"no password", at("canary", "postgres"), "28P01", "no password was found"},
		{"no database", at("canary:"+encodedCanary, "nowhere"), "3D000", "create the database"},
		{"no TLS", at("canary:"+encodedCanary, "postgres?sslmode=require"), "", "the server has no TLS"},
		{"refused", "postgres://u@127.0.0.1:1/d", "", "is the server running"},
		{"no socket", "postgres:///d?host=/nonexistent&user=u", "", "no server's socket"},
		{"bad setting", at("canary:"+encodedCanary, "postgres?options=-cno_such_setting%3D1"), "42704", "options"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target, err := Parse(tt.url, environment())
			if err != nil {
				t.Fatal(err)
			}
			_, err = target.Connect(context.Background(), "plan")
			var failed *Error
			if !errors.As(err, &failed) || failed.Code != tt.code || !strings.Contains(failed.Hint, tt.hint) {
				t.Fatalf("want code %q and hint %q, got %v", tt.code, tt.hint, err)
			}
			if strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "connect to database ") {
				t.Errorf("form of the message: %v", err)
			}
		})
	}
}

func TestNotices(t *testing.T) {
	s := tcpServer(t)
	var got []string
	conn := open(t, s.canaryURL(""), environment(), Notices(func(_ *pgconn.PgConn, n *pgconn.Notice) { got = append(got, n.Message) }))
	if _, err := conn.Exec(context.Background(), "DO $$ BEGIN RAISE NOTICE 'hello'; END $$"); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0] != "hello" {
		t.Errorf("notices: %q", got)
	}
}

// TestTLSLimits: the limits reach every attempt, the plaintext one of sslmode=prefer aside.
func TestTLSLimits(t *testing.T) {
	target, err := Parse("host=a,b ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.3", environment())
	if err != nil {
		t.Fatal(err)
	}
	config, err := target.driverConfig("plan")
	if err != nil {
		t.Fatal(err)
	}
	attempts := []*tls.Config{config.TLSConfig}
	for _, f := range config.Fallbacks {
		if f.TLSConfig != nil {
			attempts = append(attempts, f.TLSConfig)
		}
	}
	if len(attempts) != 2 {
		t.Fatalf("%d attempts with TLS, want one for each host", len(attempts))
	}
	for _, c := range attempts {
		if c.MinVersion != tls.VersionTLS13 || c.MaxVersion != tls.VersionTLS13 {
			t.Errorf("versions %x to %x", c.MinVersion, c.MaxVersion)
		}
	}
}
