package apply

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pleatdb/pleat/history"
)

// asked starts a run that can be asked to stop.
func (w *world) asked(change ...func(*Options)) (stop context.CancelFunc, result chan error) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w.t.Cleanup(cancel)
	opts := w.options(change...)
	result = make(chan error, 1)
	go func() { _, err := Run(ctx, opts); result <- err }()
	return cancel, result
}

func grace(d time.Duration) func(*Options) { return func(o *Options) { o.Grace = d } }

// wantInterrupted checks the error of a run that was asked to stop, and that it left the lock.
func (w *world) wantInterrupted(err error, parts ...string) {
	w.t.Helper()
	if !errors.Is(err, context.Canceled) {
		w.t.Fatalf("got %v", err)
	}
	for _, part := range append(parts, "interrupted") {
		if !strings.Contains(err.Error(), part) {
			w.t.Errorf("no %q in %v", part, err)
		}
	}
	if got := w.ask("SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"); got != "0" {
		w.t.Error("the lock is held")
	}
}

const sleeping = "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"

// slow has a second step that takes as many seconds as the table delay says.
const slow = "-- pleat: step 1\nCREATE TABLE a (id int);\n-- pleat: step 2\nINSERT INTO a VALUES (1);\nSELECT pg_sleep((SELECT seconds FROM delay));\n-- pleat: step 3\nCREATE TABLE c ();\n"

func TestARunThatIsAskedToStopCancelsItsStatement(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE delay (seconds float8); INSERT INTO delay VALUES (600)")
	w.put(1, "a", slow)
	w.put(2, "b", "CREATE TABLE b ()")
	rec := &recorder{}
	stop, result := w.asked(grace(8*time.Second), func(o *Options) { o.Observer = rec })
	w.waitFor(sleeping)
	stop()
	w.wantInterrupted(<-result, "step 2 failed: interrupted", "1 of 3 steps of this file are in the database", "1 later files were not begun", "pleat apply goes on at step 2")
	if n := len(seen[Interrupted](rec)); n != 1 {
		t.Errorf("it was told %d times", n)
	}
	w.wantStates(map[string]history.Status{"1": "failed"})
	if got := w.ask("SELECT string_agg(kind || ' ' || coalesce(detail ->> 'reason', ''), ',' ORDER BY id) FROM pleat.log WHERE kind LIKE '%failed'"); got != "failed interrupted,run_failed interrupted" {
		t.Errorf("the log says %s", got)
	}
	w.exec("UPDATE delay SET seconds = 0")
	w.mustApply()
	if got := w.ask("SELECT count(*)::text FROM a"); got != "1" {
		t.Errorf("%s rows", got)
	}
	w.inOrder()
}

func TestAStatementThatEndsInTimeIsNotCancelled(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE delay (seconds float8); INSERT INTO delay VALUES (1)")
	w.put(1, "a", slow)
	stop, result := w.asked(grace(4 * time.Minute))
	w.waitFor(sleeping)
	stop()
	w.wantInterrupted(<-result, "step 3 was not begun", "2 of 3 steps")
	w.mustApply()
	w.inOrder()
}

func TestAbortEndsARunAtOnce(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE delay (seconds float8); INSERT INTO delay VALUES (600)")
	w.put(1, "a", slow)
	abort := make(chan struct{})
	_, result := w.asked(grace(time.Hour), func(o *Options) { o.Abort = abort })
	w.waitFor(sleeping)
	close(abort)
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	w.waitFor("SELECT count(*) = 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")
	w.exec("UPDATE delay SET seconds = 0")
	w.mustApply()
	w.inOrder()
}

func TestABuildThatIsInterruptedLeavesNoInvalidIndex(t *testing.T) {
	w := newWorld(t)
	w.put(0, "a", "CREATE TABLE a (id int)")
	w.mustApply()
	w.put(1, "i", "CREATE INDEX CONCURRENTLY a_id ON a (id)")
	blocker := w.conn()
	if _, err := blocker.Exec(t.Context(), "BEGIN; INSERT INTO a VALUES (2)"); err != nil {
		t.Fatal(err)
	}
	stop, result := w.asked(grace(40 * time.Second))
	w.waitFor("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONC%' AND wait_event_type = 'Lock' AND datname = current_database()")
	stop()
	// The dropping of what the build left waits for the writer too.
	w.waitFor("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'DROP INDEX CONC%' AND wait_event_type = 'Lock' AND datname = current_database()")
	if _, err := blocker.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	w.wantInterrupted(<-result, "step 1 failed: interrupted")
	if got := w.ask("SELECT count(*)::text FROM pg_index WHERE indrelid = 'a'::regclass"); got != "0" {
		t.Errorf("%s indexes are left", got)
	}
	w.mustApply()
	w.inOrder()
}

func TestBatchesStopBetweenTwo(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, i FROM generate_series(1, 2000) i")
	w.put(0, "first", "SELECT 1")
	w.mustApply()
	w.batch(1, "table=t", plus)
	first := make(chan struct{}, 100)
	stop, result := w.asked(small(40), func(o *Options) {
		o.Backfill.Pause = 20 * time.Millisecond
		o.Observer = ObserverFunc(func(e Event) {
			if _, ok := e.(BatchDone); ok {
				select {
				case first <- struct{}{}:
				default:
				}
			}
		})
	})
	<-first
	stop()
	w.wantInterrupted(<-result, "rows so far")
	w.mustApply(small(500))
	if got := w.ask("SELECT count(*)::text FROM t WHERE n = id + 1000000"); got != "2000" {
		t.Errorf("%s rows were changed once", got)
	}
	w.inOrder()
}

func TestWaitingEndsAtOnce(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int)")
	w.put(1, "a", "ALTER TABLE a ADD COLUMN b int")
	blocker := w.conn()
	if _, err := blocker.Exec(t.Context(), "BEGIN; SELECT * FROM a"); err != nil {
		t.Fatal(err)
	}
	retried := make(chan struct{}, 100)
	stop, result := w.asked(grace(time.Hour), func(o *Options) {
		o.LockBudget = time.Hour
		o.Observer = ObserverFunc(func(e Event) {
			if _, ok := e.(StepRetried); ok {
				retried <- struct{}{}
			}
		})
	})
	<-retried
	other, second := w.asked(func(o *Options) { o.LockWait = time.Hour })
	w.waitFor("SELECT count(*) > 1 FROM pg_stat_activity WHERE application_name = 'pleat test apply' AND datname = current_database()")
	other()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	stop()
	w.wantInterrupted(<-result, "pleat apply")
}
