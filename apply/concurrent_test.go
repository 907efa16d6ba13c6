package apply

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// waitFor polls until the query answers true.
func (w *world) waitFor(sql string) {
	w.t.Helper()
	c := w.conn()
	defer func() { _ = c.Close(w.t.Context()) }()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		var yes bool
		if err := c.QueryRow(w.t.Context(), sql).Scan(&yes); err != nil {
			w.t.Fatal(err)
		}
		if yes {
			return
		}
	}
	w.t.Fatalf("never came true: %s", sql)
}

func TestAppliersAtOnceRunEachMigrationOnce(t *testing.T) {
	for _, n := range []int{2, 10} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			w := newWorld(t)
			w.put(1, "a", "CREATE TABLE a (id int); INSERT INTO a SELECT generate_series(1, 1000)")
			w.put(2, "b", "CREATE INDEX CONCURRENTLY a_id ON a (id)")
			w.put(3, "c", "INSERT INTO a VALUES (0)")
			results := make(chan error, n)
			ran := make(chan int, n)
			for range n {
				opts := w.options()
				go func() {
					r, err := Run(context.Background(), opts)
					results <- err
					if r != nil {
						ran <- len(r.Done)
					}
				}()
			}
			for range n {
				if err := <-results; err != nil {
					t.Error(err)
				}
			}
			total := 0
			for range n {
				total += <-ran
			}
			if got := w.ask("SELECT count(*)::text FROM a"); got != "1001" || total != 3 {
				t.Errorf("%s rows, %d migrations ran", got, total)
			}
			w.inOrder()
		})
	}
}

// TestAWaiterDoesNotStopABuildOfTheHolder is about the deadlock of CREATE INDEX CONCURRENTLY with a session that waits
// inside pg_advisory_lock.
func TestAWaiterDoesNotStopABuildOfTheHolder(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int)")
	w.put(1, "i", "CREATE INDEX CONCURRENTLY a_id ON a (id)")
	blocker := w.conn()
	if _, err := blocker.Exec(t.Context(), "BEGIN; LOCK TABLE a IN SHARE UPDATE EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	first, second := make(chan error, 1), make(chan error, 1)
	opts := w.options()
	go func() { _, err := Run(context.Background(), opts); first <- err }()
	w.waitFor("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONC%' AND wait_event_type = 'Lock'")
	rec := &recorder{}
	waiting := make(chan Holder, 16)
	rec.on = func(e Event) {
		if l, ok := e.(LockWaiting); ok {
			waiting <- l.Holder
		}
	}
	other := w.options(func(o *Options) { o.Observer = rec })
	go func() { _, err := Run(context.Background(), other); second <- err }()
	holder := <-waiting
	if holder.PID == 0 || holder.User == "" || !strings.Contains(holder.Application, "pleat test apply") || holder.Since.IsZero() {
		t.Errorf("holder %+v", holder)
	}
	if _, err := blocker.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(<-first, <-second); err != nil {
		t.Error(err)
	}
	if got := w.ask("SELECT indisvalid::text FROM pg_index WHERE indexrelid = 'a_id'::regclass"); got != "true" {
		t.Error("the index is not valid")
	}
}

func TestWaitingForTheLockIsBounded(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a ()")
	holder := w.conn()
	database := w.ask("SELECT current_database()::text")
	if _, err := holder.Exec(t.Context(), "SELECT pg_advisory_lock($1)", LockKey(database, nil)); err != nil {
		t.Fatal(err)
	}
	_, err := w.apply(func(o *Options) { o.LockWait = -1 })
	var held *LockHeldError
	if !errors.As(err, &held) || held.Holder.PID != int(holder.PgConn().PID()) {
		t.Errorf("got %v", err)
	}
	if r := w.mustApply(func(o *Options) { o.DryRun = true }); len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "another run is at work") {
		t.Errorf("warnings %v", r.Warnings)
	}
	status, err := Status(t.Context(), w.options())
	if err != nil || status.Running == nil || status.Running.PID != held.Holder.PID || len(status.Pending) != 1 || len(status.Problems) != 0 {
		t.Errorf("status %+v, %v", status, err)
	}
	// Another scope is another lock.
	w.mustApply(func(o *Options) { o.LockWait = -1; o.Scope = []string{"other"} })
}

func TestALockThatASecondSessionCanTakeIsNotTrusted(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a ()")
	other := pgtest.URL(t)
	rec := &recorder{}
	w.mustApply(func(o *Options) {
		o.Observer = rec
		o.Connect = func(ctx context.Context, purpose string) (*pgx.Conn, error) {
			if purpose == PurposeProbe {
				return connectTo(other)(ctx, purpose)
			}
			return connectTo(w.url)(ctx, purpose)
		}
	})
	if all := seen[Warned](rec); len(all) != 1 || !strings.Contains(all[0].Message, "a second session could take one too") {
		t.Errorf("warned of %v", all)
	}
	if got := w.ask("SELECT form FROM pleat.lock"); got != history.LeaseLock {
		t.Errorf("the lock is a %s", got)
	}
}

func TestAStepThatDoesNotGetItsLocksIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int)")
	w.put(1, "a", "INSERT INTO a VALUES (1); ALTER TABLE a ADD COLUMN b int")
	blocker := w.conn()
	hold := func() {
		t.Helper()
		if _, err := blocker.Exec(t.Context(), "BEGIN; SELECT * FROM a"); err != nil {
			t.Fatal(err)
		}
	}
	release := func() {
		t.Helper()
		if _, err := blocker.Exec(t.Context(), "ROLLBACK"); err != nil {
			t.Fatal(err)
		}
	}
	hold()
	rec := &recorder{}
	_, err := w.apply(func(o *Options) {
		o.Observer = rec
		o.LockTimeout = 50 * time.Millisecond
		o.LockBudget = 300 * time.Millisecond
	})
	var step *StepError
	if !errors.As(err, &step) || step.SQLState != "55P03" || len(seen[StepRetried](rec)) == 0 {
		t.Errorf("got %v after %d retries", err, len(seen[StepRetried](rec)))
	}
	w.wantStates(map[string]history.Status{"1": "failed"})
	rec = &recorder{}
	let := false
	rec.on = func(e Event) {
		if _, ok := e.(StepRetried); ok && !let {
			let = true
			release()
		}
	}
	w.mustApply(func(o *Options) { o.Observer = rec; o.LockTimeout = 50 * time.Millisecond; o.LockBudget = time.Minute })
	if got := w.ask("SELECT count(*)::text FROM a"); !let || got != "1" {
		t.Errorf("%s rows, retried %v", got, let)
	}
	w.inOrder()
}

func TestAKilledBackendLeavesNothingHalfDone(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "-- pleat: step 1\nCREATE TABLE a ();\n-- pleat: step 2\nCREATE TABLE b ();\nSELECT pg_sleep(60 * (1 - count(*))) FROM pg_class WHERE relname = 'go';\n")
	result := make(chan error, 1)
	opts := w.options()
	go func() { _, err := Run(context.Background(), opts); result <- err }()
	w.waitFor("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")
	w.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")
	err := <-result
	var step *StepError
	if !errors.As(err, &step) || step.SQLState != "57P01" || step.Unknown || step.StepsDone != 1 || !strings.Contains(step.Next, "goes on at step 2") {
		t.Errorf("got %v", err)
	}
	// The failure was written down over a new connection.
	w.wantStates(map[string]history.Status{"1": "failed"})
	w.exec("CREATE TABLE go ()")
	if r := w.mustApply(); r.Done[0].Steps != 1 {
		t.Errorf("done %+v", r.Done)
	}
	w.wantStates(map[string]history.Status{"1": "applied"})
	w.inOrder()
}

func TestAKilledBuildIsClearedAwayAndRepeated(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int); INSERT INTO a VALUES (1)")
	w.put(1, "i", `CREATE INDEX CONCURRENTLY IF NOT EXISTS "A id" ON a (id)`)
	// An open transaction that wrote the table keeps the build from ending.
	blocker := w.conn()
	if _, err := blocker.Exec(t.Context(), "BEGIN; INSERT INTO a VALUES (2)"); err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	opts := w.options()
	go func() { _, err := Run(context.Background(), opts); result <- err }()
	const building = "FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONC%' AND wait_event_type = 'Lock' AND datname = current_database()"
	w.waitFor("SELECT count(*) > 0 " + building)
	w.exec("SELECT pg_terminate_backend(pid) " + building)
	err := <-result
	var step *StepError
	if !errors.As(err, &step) || step.Unknown || step.Settling == "" {
		t.Errorf("got %v", err)
	}
	if _, err := blocker.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	w.waitFor(`SELECT NOT indisvalid FROM pg_index WHERE indexrelid = '"A id"'::regclass`)
	w.wantStates(map[string]history.Status{"1": "failed"})
	w.mustApply()
	if got := w.ask(`SELECT string_agg(relname || ' ' || indisvalid, ',') FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = 'a'::regclass`); got != "A id true" {
		t.Errorf("indexes: %s", got)
	}
	w.inOrder()
}

func TestABuildThatEndedUnseenIsNotRepeated(t *testing.T) {
	w := newWorld(t)
	w.put(1, "t", "CREATE TABLE a (id int)")
	w.put(2, "i", "CREATE INDEX CONCURRENTLY a_id ON a (id);\nDROP INDEX CONCURRENTLY other;\n")
	w.exec("CREATE SCHEMA x")
	w.mustApply(func(o *Options) { o.To = version(1) })
	w.exec("CREATE INDEX other ON a (id)")
	// The connection breaks right after the statement: the log has its beginning, not its end.
	lost := errors.New("the client died")
	interrupted := func(step int) {
		t.Helper()
		opts := w.options()
		rec := &recorder{}
		opts.Observer = rec
		ctx, cancel := context.WithCancelCause(context.Background())
		rec.on = func(e Event) {
			if s, ok := e.(StepStarted); ok && s.Step == step {
				w.exec("CREATE FUNCTION pleat.die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.kind = 'step_done' THEN RAISE 'dead'; END IF; RETURN NEW; END $$;" +
					"CREATE TRIGGER die BEFORE INSERT ON pleat.log FOR EACH ROW EXECUTE FUNCTION pleat.die()")
			}
		}
		if _, err := Run(ctx, opts); err == nil {
			t.Error("the run did not notice")
		}
		cancel(lost)
		w.exec("DROP TRIGGER die ON pleat.log; DROP FUNCTION pleat.die()")
	}
	interrupted(1)
	w.wantStates(map[string]history.Status{"1": "applied", "2": "failed"})
	interrupted(2)
	rec := &recorder{}
	w.mustApply(func(o *Options) { o.Observer = rec })
	settled := 0
	for _, e := range seen[StepDone](rec) {
		if e.Settled {
			settled++
		}
	}
	if settled != 1 {
		t.Errorf("%d steps were settled: %+v", settled, seen[StepDone](rec))
	}
	if got := w.ask("SELECT string_agg(relname, ',') FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = 'a'::regclass"); got != "a_id" {
		t.Errorf("indexes: %s", got)
	}
}

func TestARefusedBuildLeavesNoInvalidIndex(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)")
	w.put(1, "i", "CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id)")
	_, err := w.apply()
	var step *StepError
	if !errors.As(err, &step) || step.SQLState != "23505" {
		t.Errorf("got %v", err)
	}
	if got := w.ask("SELECT count(*)::text FROM pg_index WHERE indrelid = 'a'::regclass"); got != "0" {
		t.Errorf("%s indexes are left", got)
	}
	w.exec("CREATE INDEX a_id ON a (id); DELETE FROM a")
	// An index of that name that is not ours is not taken for ours.
	_, err = w.apply()
	if !errors.As(err, &step) || step.SQLState != "42P07" {
		t.Errorf("got %v", err)
	}
	_, err = w.apply()
	if !errors.As(err, &step) || step.SQLState != "42P07" {
		t.Errorf("again: got %v", err)
	}
	w.exec("DROP INDEX a_id")
	w.mustApply()
	w.inOrder()
}
