package evidence

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/inspect/shadow/server"
)

func window(d time.Duration) func(*Request) { return func(r *Request) { r.Window = d } }

func after(d time.Duration) func(*Request) { return func(r *Request) { r.Now = time.Now().Add(d) } }

const day = 24 * time.Hour

func TestTheWindowMustBeOver(t *testing.T) {
	w := newWorld(t)
	w.expanded(contractFile)
	want(t, w.judge(window(14*day)), apply.EvidenceInsufficient, "missing: calls are counted since ", "and the window is 14 days: wait until ")
	want(t, w.judge(window(14*day), after(13*day)), apply.EvidenceInsufficient)
	want(t, w.judge(window(14*day), after(15*day)), apply.EvidenceSafe)
	// A later beginning counts once it is old enough, and until then the first does.
	w.exec("SELECT old FROM orders")
	w.mark()
	want(t, w.judge(window(day), after(time.Hour)), apply.EvidenceUsed)
	want(t, w.judge(window(day), after(25*time.Hour)), apply.EvidenceSafe)
}

func TestAResetBeginsAnew(t *testing.T) {
	tellsAll(t)
	s := own(t, nil)
	w := worldOn(t, s)
	w.expanded(contractFile)
	w.exec("SELECT old FROM orders")
	w.exec("SELECT pg_stat_statements_reset()")
	want(t, w.judge(), apply.EvidenceSafe)
	want(t, w.judge(window(day), after(time.Hour)), apply.EvidenceInsufficient, "wait until")
	w.exec("SELECT old FROM orders")
	want(t, w.judge(), apply.EvidenceUsed)
}

func TestLostStatisticsAreNoted(t *testing.T) {
	s := own(t, nil)
	w := worldOn(t, s)
	w.exec("SELECT old FROM orders; SELECT old FROM orders")
	w.expanded(contractFile)
	// One entry alone is reset, which changes neither dealloc nor stats_reset.
	w.exec("SELECT pg_stat_statements_reset(userid, dbid, queryid) FROM pg_stat_statements WHERE query = 'SELECT old FROM orders'")
	want(t, w.judge(), apply.EvidenceInsufficient, "statistics were lost or reset since")
	w.exec("SELECT old FROM orders")
	want(t, w.judge(), apply.EvidenceUsed, "statistics were lost or reset since")
}

func TestEvictedStatementsAreMissed(t *testing.T) {
	tellsAll(t)
	s := own(t, map[string]string{"pg_stat_statements.max": "200"})
	w := worldOn(t, s)
	w.expanded(contractFile)
	for i := range 250 {
		w.exec("SELECT " + strings.Repeat("1, ", i) + "1")
	}
	want(t, w.judge(), apply.EvidenceInsufficient, "entries were thrown out of pg_stat_statements")
}

func TestWithoutABeginningEverythingCounts(t *testing.T) {
	w := newWorld(t)
	w.exec("SELECT old FROM orders")
	w.expanded(contractFile)
	w.exec("ALTER TABLE pleat.log DISABLE TRIGGER ALL; DELETE FROM pleat.log WHERE kind = 'evidence_counted'")
	want(t, w.judge(), apply.EvidenceUsed, "SELECT old FROM orders", "missing: it is not known how often statements had been called when the expand was complete")
}

func TestUnreadableStatistics(t *testing.T) {
	w := newWorld(t)
	w.expanded(contractFile)
	w.exec("DROP ROLE IF EXISTS poor; CREATE ROLE poor; GRANT USAGE ON SCHEMA public TO poor; GRANT USAGE ON SCHEMA pleat TO poor; GRANT SELECT ON ALL TABLES IN SCHEMA pleat, public TO poor")
	conn := w.connect()
	if _, err := conn.Exec(t.Context(), "SET ROLE poor"); err != nil {
		t.Fatal(err)
	}
	as := func(r *Request) { r.Conn = conn }
	want(t, w.judge(as), apply.EvidenceInsufficient, "statements that other roles ran are hidden from this one: GRANT pg_read_all_stats TO poor")
	w.exec("REVOKE SELECT ON pleat.legacy_write FROM poor")
	want(t, w.judge(as), apply.EvidenceInsufficient, "who wrote through the old shape (pleat.legacy_write) could not be read")
	w.exec("REVOKE SELECT ON pleat.log FROM poor")
	want(t, w.judge(as), apply.EvidenceInsufficient, "the log cannot be read")
	w.exec("ALTER ROLE poor SET pg_stat_statements.track = none")
	want(t, w.judge(), apply.EvidenceInsufficient, "have a setting of their own for pg_stat_statements.track")
	w.exec("DROP EXTENSION pg_stat_statements")
	want(t, w.judge(), apply.EvidenceInsufficient, "missing: nobody counts statements: put pg_stat_statements into shared_preload_libraries")
}

func TestAServerThatCountsNothing(t *testing.T) {
	w := &world{t: t, url: pgtest.URL(t), dir: t.TempDir()}
	w.conn = w.connect()
	w.exec("CREATE TABLE orders (id int, old text, amount int)")
	w.expanded(contractFile)
	want(t, w.judge(), apply.EvidenceInsufficient, "nobody counts statements")
	if _, err := w.conn.Exec(t.Context(), "CREATE EXTENSION pg_stat_statements"); err == nil {
		want(t, w.judge(), apply.EvidenceInsufficient, "is not in shared_preload_libraries")
	}
	entries, err := history.Open(w.conn).Entries(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Kind == history.EvidenceCounted {
			t.Error("something was counted")
		}
	}
}

// own is a server that counts statements, for what would disturb others.
func own(t *testing.T, settings map[string]string) *server.Server {
	t.Helper()
	s, err := startCounting(settings)
	if err != nil {
		t.Skipf("no server that counts statements: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestStandbys runs the old code on a standby alone.
func TestStandbys(t *testing.T) {
	program := baseBackup(t)
	s := own(t, map[string]string{"max_wal_senders": "4", "cluster_name": ""})
	w := worldOn(t, s)
	w.expanded(contractFile)
	standby := startStandby(t, program, s)
	for streaming := false; !streaming; time.Sleep(50 * time.Millisecond) {
		if err := w.conn.QueryRow(t.Context(), "SELECT count(*) > 0 FROM pg_stat_replication WHERE state = 'streaming'").Scan(&streaming); err != nil {
			t.Fatal(err)
		}
	}
	want(t, w.judge(), apply.EvidenceInsufficient, "1 of 1 servers that replicate are not read (replica", "list their URLs in pleat.hcl")

	listed := func(r *Request) { r.Standbys = []Standby{{Name: "replica", Connect: standby(w)}} }
	// Its statistics began when it did.
	want(t, w.judge(listed), apply.EvidenceSafe)
	want(t, w.judge(listed, window(day), after(time.Hour)), apply.EvidenceInsufficient, "calls of standby replica are counted since")
	w.mark(Standby{Name: "replica", Connect: standby(w)})
	want(t, w.judge(listed), apply.EvidenceSafe)
	conn, err := standby(w)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "SELECT old FROM orders"); err != nil {
		t.Fatal(err)
	}
	want(t, w.judge(listed), apply.EvidenceUsed, "statements of standby replica: SELECT old FROM orders")

	twice := func(r *Request) {
		r.Standbys = []Standby{{Name: "replica", Connect: standby(w)}, {Name: "again", Connect: standby(w)}}
	}
	want(t, w.judge(twice), apply.EvidenceUsed, "the standbys replica and again are one server")
	for text, connect := range map[string]func(context.Context) (*pgx.Conn, error){
		"wrong is no standby: it is not in recovery": func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, w.url) },
		"wrong leads to database \"postgres\"":       standby(&world{t: t, url: s.URL("")}),
		"standby wrong cannot be reached":            func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, "postgres://127.0.0.1:1/x") },
	} {
		want(t, w.judge(func(r *Request) { r.Standbys = []Standby{{Name: "wrong", Connect: connect}} }), apply.EvidenceInsufficient, text)
	}
}

// baseBackup finds pg_basebackup beside a server program; the test is skipped where there is none.
func baseBackup(t *testing.T) string {
	t.Helper()
	major := pgtest.Server(t).Major()
	for _, dir := range server.BinDirs() {
		path := filepath.Join(dir, "pg_basebackup")
		out, err := exec.CommandContext(t.Context(), path, "--version").Output()
		if err == nil && strings.Contains(string(out), fmt.Sprintf(") %d.", major)) {
			if link, err := filepath.EvalSymlinks(path); err == nil && filepath.Base(link) == "pg_basebackup" {
				return path
			}
		}
	}
	t.Skipf("there is no pg_basebackup of PostgreSQL %d", major)
	return ""
}

// startStandby copies a server and lets the copy follow it. The result connects to a world's database on it.
func startStandby(t *testing.T, program string, s *server.Server) func(*world) func(context.Context) (*pgx.Conn, error) {
	t.Helper()
	config, err := pgx.ParseConfig(s.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "pleat-standby")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	data := filepath.Join(dir, "data")
	info := fmt.Sprintf("host=%s port=%d user=%s application_name=replica", config.Host, config.Port, config.User)
	asOwner := func(name string, args ...string) *exec.Cmd {
		if os.Getuid() == 0 { // a server does not run as root
			args = append([]string{"-s", "/bin/sh", "-c", `exec "$0" "$@"`, "--", "postgres", name}, args...)
			name = "su"
		}
		return exec.CommandContext(context.Background(), name, args...)
	}
	if os.Getuid() == 0 {
		if out, err := exec.CommandContext(t.Context(), "chown", "postgres", dir).CombinedOutput(); err != nil {
			t.Skipf("no user for a standby: %s", out)
		}
	}
	letReplicate(t, s)
	cmd := asOwner(program, "-D", data, "-R", "-X", "stream", "-d", info)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("the server cannot be copied here: %v: %s", err, out)
	}
	settings := fmt.Sprintf("unix_socket_directories = '%s'\nport = 5432\nlisten_addresses = ''\ncluster_name = 'replica'\n", dir)
	appendTo(t, filepath.Join(data, "postgresql.conf"), settings)
	cmd = asOwner(filepath.Join(filepath.Dir(program), "postgres"), "-D", data)
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		pid, _, _ := strings.Cut(readAll(filepath.Join(data, "postmaster.pid")), "\n")
		_ = exec.CommandContext(context.Background(), "kill", "-QUIT", pid).Run()
		_ = cmd.Wait()
	})
	return func(w *world) func(context.Context) (*pgx.Conn, error) {
		there, err := pgx.ParseConfig(w.url)
		if err != nil {
			t.Fatal(err)
		}
		there.Host, there.Port = dir, 5432
		return func(ctx context.Context) (conn *pgx.Conn, err error) {
			for range 200 {
				if conn, err = pgx.ConnectConfig(ctx, there.Copy()); err == nil {
					return conn, nil
				}
				time.Sleep(50 * time.Millisecond)
			}
			return nil, err
		}
	}
}

// letReplicate opens a server to those who copy it.
func letReplicate(t *testing.T, s *server.Server) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var path string
	if err := conn.QueryRow(t.Context(), "SHOW hba_file").Scan(&path); err != nil {
		t.Fatal(err)
	}
	appendTo(t, path, "local replication all trust\n")
	if _, err := conn.Exec(t.Context(), "SELECT pg_reload_conf()"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond) // the postmaster reads it when it gets the signal
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func readAll(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}
