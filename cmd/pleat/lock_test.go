package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// crowd is a directory of migrations and a database on which many processes of pleat are let loose at once.
type crowd struct {
	t        *testing.T
	url, dir string
	files    int
}

// one is how a process ended.
type one struct {
	code int
	text string
}

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	t.Parallel()
	c := &crowd{t: t, url: pgtest.URL(t), dir: t.TempDir()}
	if err := os.Mkdir(filepath.Join(c.dir, "migrations"), 0o755); err != nil {
		t.Fatal(err)
	}
	c.put("CREATE TABLE done (step int); CREATE TABLE a (id int); INSERT INTO a SELECT generate_series(1, 100);")
	return c
}

// put adds a migration and gives its number.
func (c *crowd) put(text string) int {
	c.t.Helper()
	c.files++
	dir := filepath.Join(c.dir, "migrations")
	name := fmt.Sprintf("202611200000%02d_m%d.sql", c.files, c.files)
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
	if err := migration.Rehash(dir); err != nil {
		c.t.Fatal(err)
	}
	return c.files
}

// pleat starts processes of this test's own binary, which is pleat under that name, and gives how they ended.
func (c *crowd) pleat(n int, url string, args ...string) func() []one {
	c.t.Helper()
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	ended := make([]one, n)
	var all sync.WaitGroup
	for i := range n {
		cmd := exec.Command(self)
		cmd.Args = append([]string{"pleat"}, args...)
		cmd.Dir = c.dir
		cmd.Env = append(os.Environ(), "PLEAT_URL="+url, "LC_ALL=C")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			c.t.Fatal(err)
		}
		all.Go(func() {
			_ = cmd.Wait() // the exit code says it
			ended[i] = one{cmd.ProcessState.ExitCode(), out.String()}
		})
	}
	return func() []one { all.Wait(); return ended }
}

func (c *crowd) ask(sql string) string {
	c.t.Helper()
	rows, err := query(c.url, sql)
	if err != nil {
		c.t.Fatal(err)
	}
	var out []string
	for _, row := range rows {
		out = append(out, strings.Join(row, " "))
	}
	return strings.Join(out, ",")
}

func (c *crowd) await(sql string) {
	c.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); c.ask(sql) != "t"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Fatalf("never came true: %s", sql)
		}
	}
}

// wantOnce checks that each migration is in the database once, and that the processes ended as they should.
func (c *crowd) wantOnce(ended []one, killed int) {
	c.t.Helper()
	for _, e := range ended {
		switch {
		case e.code == -1 && killed > 0:
			killed--
		case e.code != 0:
			c.t.Errorf("exit code %d: %s", e.code, e.text)
		}
	}
	if got := c.ask("SELECT coalesce(string_agg(step || ' x ' || n, ','), '') FROM (SELECT step, count(*) AS n FROM done GROUP BY step HAVING count(*) <> 1) AS odd"); got != "" {
		c.t.Errorf("not once: %s", got)
	}
	want := strconv.Itoa(c.files)
	if got := c.ask("SELECT count(DISTINCT version) || ' of ' || count(*) FROM pleat.log WHERE kind = 'applied'"); got != want+" of "+want {
		c.t.Errorf("applied %s, want %s", got, want)
	}
	if e := c.pleat(1, c.url, "verify")()[0]; e.code != 0 {
		c.t.Errorf("verify: %s", e.text)
	}
}

// kill ends the process that holds the lock as nothing can prevent.
func (c *crowd) kill() {
	c.t.Helper()
	pid, err := strconv.Atoi(c.ask("SELECT k.client_pid FROM pleat.lock k JOIN pg_locks l ON l.pid = k.pid AND l.locktype = 'advisory' AND l.mode = 'ExclusiveLock'"))
	if err != nil {
		c.t.Fatal(err)
	}
	process, err := os.FindProcess(pid)
	if err == nil {
		err = process.Kill()
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// TestTwentyAppliersAtOnce has ten rounds; in one the process that applies is killed in a step, in another in a CREATE INDEX
// CONCURRENTLY.
func TestTwentyAppliersAtOnce(t *testing.T) {
	c := newCrowd(t)
	for round := range 10 {
		n := c.put(fmt.Sprintf("CREATE INDEX CONCURRENTLY a_%d ON a (id);\nINSERT INTO done VALUES (%d);\nCREATE TABLE r%d ();", round, c.files+1, round))
		killed := 0
		var wait func() []one
		switch round {
		case 4:
			c.put(fmt.Sprintf("INSERT INTO done VALUES (%d); SELECT pg_sleep(600) WHERE NOT EXISTS (SELECT FROM pg_class WHERE relname = 'go')", n+1))
			wait = c.pleat(20, c.url, "apply")
			c.await("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")
			c.ask("CREATE TABLE go ()")
			c.kill()
			killed = 1
		case 7:
			wait = c.interruptedBuild()
			killed = 1
		default:
			wait = c.pleat(20, c.url, "apply")
		}
		c.wantOnce(wait(), killed)
	}
	if got := c.ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid"); got != "0" {
		t.Errorf("%s invalid indexes", got)
	}
}

// interruptedBuild starts twenty processes and kills the one whose CREATE INDEX CONCURRENTLY waits for a transaction.
func (c *crowd) interruptedBuild() func() []one {
	c.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.url)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = conn.Close(ctx) })
	if _, err := conn.Exec(ctx, "BEGIN; LOCK TABLE a IN ROW EXCLUSIVE MODE"); err != nil {
		c.t.Fatal(err)
	}
	wait := c.pleat(20, c.url, "apply")
	c.await("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONC%' AND wait_event_type = 'Lock' AND datname = current_database()")
	c.kill()
	if _, err := conn.Exec(ctx, "ROLLBACK"); err != nil {
		c.t.Fatal(err)
	}
	return wait
}

func TestAppliersThroughAPoolerByTransaction(t *testing.T) {
	c := newCrowd(t)
	c.put("INSERT INTO done VALUES (2)")
	pooled := pgtest.Pooler(t, c.url, pgtest.PoolTransaction)
	for _, e := range c.pleat(10, pooled, "apply")() {
		if e.code != 1 || !strings.Contains(e.text, "direct_url") {
			t.Errorf("exit code %d: %s", e.code, e.text)
		}
	}
	if got := c.ask("SELECT concat(to_regclass('done'), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())))"); got != "0" {
		t.Errorf("it left %s", got)
	}
	if err := os.WriteFile(filepath.Join(c.dir, "pleat.hcl"), []byte(fmt.Sprintf("env \"prod\" {\n  url = %q\n  direct_url = %q\n}\n", pooled, c.url)), 0o600); err != nil {
		t.Fatal(err)
	}
	c.wantOnce(c.pleat(10, pooled, "apply", "--env", "prod")(), 0)
}

func TestAppliersWhereAdvisoryLocksLie(t *testing.T) {
	c := newCrowd(t)
	pgtest.Lie(t, c.url)
	for range 3 {
		c.put(fmt.Sprintf("CREATE INDEX CONCURRENTLY a_%[1]d ON a (id);\nINSERT INTO done VALUES (%[1]d)", c.files+1))
		c.wantOnce(c.pleat(10, c.url, "apply")(), 0)
	}
}
