// Package bench compares pleat with pg_dump on a schema of a thousand tables (make bench): pg_dump reads the same
// catalogs, so that a ratio says more than seconds that depend on the machine.
//
// Each benchmark runs pg_dump --schema-only beside what it measures, in the same iteration, and reports both and the
// ratio of the medians.
package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/cmd/internal/draft"
	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/inspect/shadow/server"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

const tables = 1000

// TestMain collects garbage as seldom as the command line does.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// build makes tables of ten columns, each with a key, two further indexes, a check, a default, comments, and a foreign key to
// the table before it; and a view for every tenth.
const build = `
DO $$
BEGIN
  FOR i IN 1..%d LOOP
    EXECUTE format('CREATE TABLE t%%s (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent bigint, code varchar(20) NOT NULL, name text NOT NULL,
      amount numeric(12,2) DEFAULT 0 NOT NULL CHECK (amount >= 0), tags text[], data jsonb, active boolean DEFAULT true NOT NULL,
      created_at timestamptz DEFAULT now() NOT NULL, updated_at timestamptz)', i);
    EXECUTE format('CREATE UNIQUE INDEX t%%s_code ON t%%s (lower(code)) WHERE active', i, i);
    EXECUTE format('CREATE INDEX t%%s_created ON t%%s (created_at DESC)', i, i);
    EXECUTE format('COMMENT ON TABLE t%%s IS %%L', i, 'table ' || i);
    EXECUTE format('COMMENT ON COLUMN t%%s.amount IS %%L', i, 'in euro');
    IF i > 1 THEN
      EXECUTE format('ALTER TABLE t%%s ADD CONSTRAINT t%%s_parent FOREIGN KEY (parent) REFERENCES t%%s (id)', i, i, i - 1);
    END IF;
    IF i %% 10 = 0 THEN
      EXECUTE format('CREATE VIEW v%%s AS SELECT id, upper(name) AS name, amount FROM t%%s WHERE active', i, i);
    END IF;
  END LOOP;
END $$`

func database(b *testing.B) string {
	b.Helper()
	url := pgtest.URL(b)
	pgtest.Exec(b, url, fmt.Sprintf(build, tables))
	pgtest.Exec(b, url, "ANALYZE")
	return url
}

// pair holds the times of what is measured and of pg_dump, of each iteration.
type pair struct{ ours, dumps []time.Duration }

// run measures f and pg_dump in turn.
func run(b *testing.B, url string, f func()) {
	b.Helper()
	dump := dumper(b, url)
	f() // caches of the server and of the machine are filled for both
	dump()
	var p pair
	for b.Loop() {
		p.ours = append(p.ours, timed(f))
		b.StopTimer()
		p.dumps = append(p.dumps, timed(dump))
		b.StartTimer()
	}
	ours, dumps := median(p.ours), median(p.dumps)
	b.ReportMetric(ours.Seconds()*1000, "ms")
	b.ReportMetric(dumps.Seconds()*1000, "pg_dump-ms")
	b.ReportMetric(ours.Seconds()/dumps.Seconds(), "of-pg_dump")
}

// dumper runs pg_dump as it is: reading its output costs it no more than a file would.
func dumper(b *testing.B, url string) func() {
	b.Helper()
	for _, dir := range server.BinDirs() {
		path := filepath.Join(dir, "pg_dump")
		resolved, err := filepath.EvalSymlinks(path)
		if err != nil || filepath.Base(resolved) != "pg_dump" {
			continue
		}
		return func() {
			if out, err := exec.Command(path, "--schema-only", "--dbname="+url, "--file=/dev/null").CombinedOutput(); err != nil {
				b.Fatalf("run pg_dump: %v: %s", err, out)
			}
		}
	}
	b.Skip("no pg_dump to compare with")
	return nil
}

func timed(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

func live(b *testing.B, url string) *schema.Catalog {
	b.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(ctx)
	c, err := inspect.Inspect(ctx, conn, inspect.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// BenchmarkInspect reads the whole database, connecting included.
func BenchmarkInspect(b *testing.B) {
	url := database(b)
	run(b, url, func() { live(b, url) })
}

// BenchmarkPlan is all of a plan: reading files and database, starting the shadow, elaborating and proving ten changed tables.
func BenchmarkPlan(b *testing.B) {
	url := database(b)
	file := write(b, change(b, live(b, url)))
	run(b, url, func() { plan(b, url, file, 10) })
}

// BenchmarkPlanNothing is a plan in which nothing differs.
func BenchmarkPlanNothing(b *testing.B) {
	url := database(b)
	file := write(b, text(b, live(b, url)))
	run(b, url, func() { plan(b, url, file, 0) })
}

// plan fails unless at least so many objects change, or none.
func plan(b *testing.B, url, file string, changes int) {
	b.Helper()
	ctx := context.Background()
	var desired *hclfile.Desired
	var diags hcl.Diagnostics
	loaded := make(chan struct{})
	go func() { // as the command does, while the server answers
		defer close(loaded)
		desired, diags = hclfile.LoadWithoutTexts([]string{file}, eval.Options{})
	}()
	state := live(b, url)
	<-loaded
	if diags.HasErrors() {
		b.Fatal(diags)
	}
	s, err := shadow.Open(ctx, server.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	d, err := draft.New(ctx, draft.Request{
		Live: state, Desired: desired, Shadow: s, Name: "bench", Version: "20260101000000", Major: s.Major(),
	})
	if err != nil {
		b.Fatal(err)
	}
	if n := len(d.Plan.Changes); n < changes || changes == 0 && n > 0 {
		b.Fatalf("%d changes, want %d", n, changes)
	}
}

// text is the state as one HCL file.
func text(b *testing.B, c *schema.Catalog) string {
	b.Helper()
	files, err := hclfile.Write(c, hclfile.WriteOptions{})
	if err != nil {
		b.Fatal(err)
	}
	var out strings.Builder
	for _, f := range files {
		out.Write(f)
	}
	return out.String()
}

// change adds a column, an index on an expression and a check to every hundredth table.
func change(b *testing.B, c *schema.Catalog) string {
	b.Helper()
	all := text(b, c)
	for i := tables / 10; i <= tables; i += tables / 10 {
		head := fmt.Sprintf("table \"t%d\" {\n", i)
		if !strings.Contains(all, head) {
			b.Fatalf("no table t%d in the file", i)
		}
		all = strings.Replace(all, head, head+`
  column "note" {
    type = varchar(100)
    null = true
  }
  index "`+fmt.Sprintf("t%d_note", i)+`" {
    on {
      expr = "lower(note)"
    }
  }
  check "note_has_text" {
    expr = "length(note) > 0"
  }
`, 1)
	}
	return all
}

func write(b *testing.B, content string) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "schema.hcl")
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		b.Fatal(err)
	}
	return file
}
