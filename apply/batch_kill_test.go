package apply

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/pleatdb/pleat/history/migration"
)

// TestMain runs the applier as a process of its own where a test asks for one, so that it can be killed.
func TestMain(m *testing.M) {
	if url := os.Getenv("PLEAT_TEST_APPLY_URL"); url != "" {
		os.Exit(applyAndExit(url, os.Getenv("PLEAT_TEST_APPLY_DIR")))
	}
	os.Exit(m.Run())
}

func applyAndExit(url, dir string) int {
	d, err := migration.ReadDir(dir)
	if err != nil {
		return 2
	}
	o := Options{Connect: connectTo(url), Inspect: live, Dir: d, LockWait: time.Minute, LockBudget: time.Minute}
	small(40)(&o)
	o.Backfill.Pause = 2 * time.Millisecond
	if _, err := Run(context.Background(), o); err != nil {
		_, _ = os.Stderr.WriteString(err.Error())
		return 1
	}
	return 0
}

// child starts the applier as a process.
func (w *world) child() (*exec.Cmd, *strings.Builder) {
	w.t.Helper()
	program, err := os.Executable()
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.run=^$")
	cmd.Env = append(os.Environ(), "PLEAT_TEST_APPLY_URL="+w.url, "PLEAT_TEST_APPLY_DIR="+w.dir)
	var out strings.Builder
	cmd.Stderr = &out
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	return cmd, &out
}

// killed kills the applier some moments after its backfill has moved on, and reports false when it had ended by itself.
func (w *world) killed() bool {
	w.t.Helper()
	before := w.batchesDone()
	cmd, out := w.child()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			if err != nil {
				w.t.Fatalf("the applier failed: %v %s", err, out)
			}
			return false
		case <-time.After(time.Duration(rand.IntN(20)) * time.Millisecond):
		}
		if w.batchesDone() != before {
			_ = cmd.Process.Kill()
			<-ended
			return true
		}
	}
}

func (w *world) batchesDone() string {
	return w.ask("SELECT coalesce((SELECT max(batches) FROM pleat.backfill), -1)::text")
}

func TestABackfillThatIsKilledTwentyTimesChangesEveryRowOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	for _, tc := range []struct{ name, table string }{
		{"key", "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, i FROM generate_series(1, 12000) i"},
		{"composite key of texts", "CREATE TABLE t (a text, b uuid, n int, PRIMARY KEY (a, b)); INSERT INTO t SELECT 'k' || i % 5, md5(i::text)::uuid, i FROM generate_series(1, 12000) i"},
		{"no key, with room", "CREATE TABLE t (n int, x text); INSERT INTO t SELECT i, repeat('x', 200) FROM generate_series(1, 24000) i; DELETE FROM t WHERE n % 2 = 0"},
		{"partitions", "CREATE TABLE t (id int PRIMARY KEY, n int) PARTITION BY HASH (id); CREATE TABLE t1 PARTITION OF t FOR VALUES WITH (MODULUS 3, REMAINDER 0); " +
			"CREATE TABLE t2 PARTITION OF t FOR VALUES WITH (MODULUS 3, REMAINDER 1); CREATE TABLE t3 PARTITION OF t FOR VALUES WITH (MODULUS 3, REMAINDER 2); INSERT INTO t SELECT i, i FROM generate_series(1, 12000) i"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.exec(tc.table)
			if strings.Contains(tc.name, "room") {
				w.exec("VACUUM t")
			}
			w.exec(counted + auditOn("t"))
			w.put(0, "first", "SELECT 1")
			w.mustApply()
			w.batch(1, "table=t", plus)
			kills := 0
			for kills < 20 && w.killed() {
				kills++
			}
			w.mustApply(small(500))
			if kills < 20 {
				t.Errorf("killed only %d times before it ended", kills)
			}
			w.wantOnce("12000")
			w.inOrder()
		})
	}
}
