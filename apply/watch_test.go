package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// held runs statements in a transaction of another session and leaves it open; what comes back ends it.
func (w *world) held(sql string) (pid int, end func()) {
	w.t.Helper()
	c := w.conn()
	if _, err := c.Exec(context.Background(), "BEGIN; "+sql); err != nil {
		w.t.Fatal(err)
	}
	return int(c.PgConn().PID()), func() {
		if _, err := c.Exec(context.Background(), "ROLLBACK"); err != nil {
			w.t.Error(err)
		}
	}
}

// readers read a table again and again, each over a session of its own, until they are told to stop.
func (w *world) readers(table string, n int) (stop func()) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for range n {
		c := w.conn()
		all.Go(func() {
			for ctx.Err() == nil {
				if _, err := c.Exec(context.Background(), "SELECT * FROM "+table); err != nil {
					w.t.Error(err)
					return
				}
				_ = sleep(ctx, 10*time.Millisecond)
			}
		})
	}
	return func() { cancel(); all.Wait() }
}

// start begins to apply in the background.
func (w *world) start(change ...func(*Options)) (result chan error) {
	w.t.Helper()
	result = make(chan error, 1)
	opts := w.options(change...)
	go func() { _, err := Run(context.Background(), opts); result <- err }()
	return result
}

func patient(o *Options) { o.LockBudget = time.Minute }

// waitsFor is true when a session of pleat waits for a lock in this database.
const waitsFor = `SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'pleat test apply' AND wait_event_type = 'Lock'`

func TestAnIdleTransactionInTheWayIsNamedUntilTheBudgetIsSpent(t *testing.T) {
	w := newWorld(t)
	w.exec(`CREATE TABLE "a""b" (id int)`)
	w.put(1, "a", `ALTER TABLE "a""b" ADD COLUMN b int`)
	pid, end := w.held(`SET application_name = 'shop'; SELECT * FROM "a""b"`)
	rec := &recorder{}
	_, err := w.apply(func(o *Options) { o.Observer = rec; o.LockBudget = 1200 * time.Millisecond })
	var spent *LockBudgetError
	var step *StepError
	if !errors.As(err, &spent) || !errors.As(err, &step) || step.SQLState != "55P03" {
		t.Fatalf("got %v", err)
	}
	if spent.Attempts < 2 || spent.On != `"public"."a""b"` && spent.On != `public."a""b"` || spent.Mode != "ACCESS EXCLUSIVE" || len(spent.Blockers) != 1 {
		t.Errorf("got %+v", spent)
	}
	b := spent.Blockers[0]
	if b.PID != pid || b.Application != "shop" || b.User == "" || b.State != "idle in transaction" || len(b.Modes) != 1 || b.Modes[0] != "ACCESS SHARE" {
		t.Errorf("blocker %+v", b)
	}
	for _, word := range []string{fmt.Sprintf("pid %d", pid), `"shop"`, "idle in transaction", "--cancel-blockers idle:30s", "pleat apply"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is not in: %s", word, err)
		}
	}
	if retries := seen[StepRetried](rec); len(retries) == 0 || retries[0].Timeout != 100*time.Millisecond {
		t.Errorf("retried %+v", retries)
	}
	if told := seen[Blocked](rec); len(told) == 0 || told[0].Blockers[0].PID != pid {
		t.Errorf("told %+v", told)
	}
	end()
	w.mustApply()
	w.inOrder()
}

func TestTheCensusComesBeforeTheFirstAttempt(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int) PARTITION BY RANGE (id); CREATE TABLE a1 PARTITION OF a DEFAULT")
	w.put(1, "a", "ALTER TABLE a ADD COLUMN b int")
	pid, end := w.held("SELECT * FROM a1")
	w.waitFor(fmt.Sprintf("SELECT now() - xact_start > '1.1 s' FROM pg_stat_activity WHERE pid = %d", pid))
	rec := &recorder{}
	first := true
	rec.on = func(e Event) {
		if b, ok := e.(Blocked); ok && first {
			if first = false; b.On != "" || b.Blockers[0].PID != pid || len(seen[StepRetried](rec)) > 0 {
				t.Errorf("told %+v", b)
			}
			end()
		}
	}
	w.mustApply(func(o *Options) { o.Observer = rec }, patient)
	if first {
		t.Error("nobody was told")
	}
}

// TestAQueueBehindUsCancelsUs is about the watcher: readers who come after our request wait behind it, although nobody keeps them out.
func TestAQueueBehindUsCancelsUs(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int)")
	w.put(1, "a", "ALTER TABLE a ADD COLUMN b int")
	most := 0
	if _, err := fmt.Sscan(w.ask("SELECT least(20, greatest(2, current_setting('max_connections')::int * 4 / 10))::text"), &most); err != nil {
		t.Fatal(err)
	}
	_, end := w.held("SELECT * FROM a")
	w.exec(fmt.Sprintf("ALTER DATABASE %s SET deadlock_timeout = '30s'", w.ask("SELECT quote_ident(current_database())")))
	rec := &recorder{}
	released := false
	rec.on = func(e Event) {
		if r, ok := e.(StepRetried); ok && r.Tripped != "" && !released {
			released = true
			end()
		}
	}
	stop := w.readers("a", most+1)
	if err := <-w.start(func(o *Options) { o.Observer = rec }, patient); err != nil {
		t.Error(err)
	}
	stop()
	tripped := 0
	for _, r := range seen[StepRetried](rec) {
		if r.Tripped != "" {
			tripped++
			if r.SQLState != "57014" && r.SQLState != "55P03" || r.Behind < 2 { // the time of the attempt may be up at the same moment
				t.Errorf("retried %+v", r)
			}
		}
	}
	if tripped == 0 {
		t.Errorf("the watcher did nothing: %+v", seen[StepRetried](rec))
	}
	w.inOrder()
}

func TestOnlyWhatIsWishedIsEnded(t *testing.T) {
	for _, c := range []struct {
		words []string
		ended bool
	}{{nil, false}, {[]string{"autovacuum"}, false}, {[]string{"idle:1h"}, false}, {[]string{"autovacuum", "idle:1s"}, true}} {
		t.Run(strings.Join(c.words, " "), func(t *testing.T) {
			w := newWorld(t)
			w.exec("CREATE TABLE a (id int)")
			w.put(1, "a", "ALTER TABLE a ADD COLUMN b int")
			pid, _ := w.held("SELECT * FROM a")
			rec := &recorder{}
			_, err := w.apply(func(o *Options) {
				o.Observer = rec
				o.LockBudget = 5 * time.Second
				if !c.ended {
					o.LockBudget = 500 * time.Millisecond
				}
				var err error
				if o.CancelBlockers, err = ParseCancelBlockers(c.words); err != nil {
					t.Error(err)
				}
			})
			ended := seen[BlockerEnded](rec)
			if (err == nil) != c.ended || (len(ended) == 1) != c.ended {
				t.Fatalf("got %v, ended %+v", err, ended)
			}
			if !c.ended {
				return
			}
			if ended[0].Blocker.PID != pid || !ended[0].Terminated {
				t.Errorf("ended %+v", ended)
			}
			if got := w.ask("SELECT detail->'ended'->>0 FROM pleat.log WHERE kind = 'step_done'"); !strings.Contains(got, fmt.Sprintf("pid %d", pid)) {
				t.Errorf("the log says %s", got)
			}
			w.inOrder()
		})
	}
	for _, word := range []string{"", "idle", "idle:", "idle:1ms", "autovacuum:1s", "all"} {
		if _, err := ParseCancelBlockers([]string{word}); err == nil {
			t.Errorf("%q is taken", word)
		}
	}
}

func TestADeadlockWithAnApplicationIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int); CREATE TABLE b (id int)")
	w.put(1, "a", "LOCK TABLE a IN SHARE MODE; ALTER TABLE b ADD COLUMN c int; INSERT INTO a VALUES (1)")
	w.exec(fmt.Sprintf("ALTER DATABASE %s SET deadlock_timeout = '50ms'", w.ask("SELECT quote_ident(current_database())")))
	app := w.conn()
	if _, err := app.Exec(t.Context(), "SET deadlock_timeout = '1h'; BEGIN; SELECT * FROM b"); err != nil {
		t.Fatal(err)
	}
	rec := &recorder{}
	result := w.start(func(o *Options) { o.Observer = rec }, patient)
	w.waitFor(waitsFor)
	if _, err := app.Exec(t.Context(), "INSERT INTO a VALUES (2); COMMIT"); err != nil {
		t.Error(err)
	}
	if err := <-result; err != nil {
		t.Error(err)
	}
	if len(seen[StepRetried](rec)) == 0 {
		t.Error("there was nothing to try again")
	}
	if got := w.ask("SELECT string_agg(id::text, ',' ORDER BY id) FROM a"); got != "1,2" {
		t.Errorf("rows %s", got)
	}
	w.inOrder()
}

func TestACancelThatIsNotOursIsNotTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "SELECT pg_sleep(60)")
	result := w.start(patient)
	w.waitFor("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")
	w.exec("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")
	err := <-result
	var step *StepError
	if !errors.As(err, &step) || step.SQLState != "57014" {
		t.Errorf("got %v", err)
	}
}

func TestWithoutAWatcherTheTimeOfAnAttemptIsTheLimit(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int)")
	w.put(1, "a", "CREATE TABLE b ()")
	w.put(2, "a", "ALTER TABLE a ADD COLUMN b int")
	_, end := w.held("SELECT * FROM a")
	rec := &recorder{}
	rec.on = func(e Event) {
		if _, ok := e.(StepRetried); ok && len(seen[StepRetried](rec)) == 1 {
			end()
		}
	}
	w.mustApply(patient, func(o *Options) {
		o.Observer = rec
		o.Connect = func(ctx context.Context, purpose string) (*pgx.Conn, error) {
			if purpose == PurposeWatch {
				return nil, errors.New("no more connections")
			}
			return connectTo(w.url)(ctx, purpose)
		}
	})
	warned := 0
	for _, e := range seen[Warned](rec) {
		if strings.Contains(e.Message, "nobody watches") && strings.Contains(e.Message, "no more connections") {
			warned++
		}
	}
	if warned != 1 || len(seen[StepRetried](rec)) == 0 {
		t.Errorf("warned %d times, retried %+v", warned, seen[StepRetried](rec))
	}
}

func TestTheWatcherEndsWithItsRun(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a ()")
	w.mustApply()
	w.waitFor("SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'pleat test%'")
}

// TestARoleWithoutRightsStillWaitsInOrder is about who may see what: another role's session is hidden but for its name.
func TestARoleWithoutRightsStillWaitsInOrder(t *testing.T) {
	w := newWorld(t)
	role := "deployer_" + w.ask("SELECT oid::text FROM pg_database WHERE datname = current_database()")
	login := "login_" + role
	w.exec(fmt.Sprintf(`CREATE ROLE %[1]s; CREATE ROLE %[2]s LOGIN IN ROLE %[1]s;
		DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %%I TO %[1]s', current_database()); END $$; CREATE SCHEMA s AUTHORIZATION %[1]s;
		SET ROLE %[1]s; CREATE TABLE s.a (id int)`, role, login))
	t.Cleanup(func() {
		w.exec(fmt.Sprintf("DROP OWNED BY %[1]s CASCADE; DROP ROLE %[2]s; DROP ROLE %[1]s", role, login))
	})
	w.put(1, "a", "ALTER TABLE s.a ADD COLUMN b int")
	pid, end := w.held("SELECT * FROM s.a")
	rec := &recorder{}
	as := func(o *Options) {
		o.Observer = rec
		o.Connect = func(ctx context.Context, purpose string) (*pgx.Conn, error) {
			config, err := pgx.ParseConfig(w.url)
			if err != nil {
				return nil, err
			}
			config.User, config.OnNotice = login, HandleNotice
			config.RuntimeParams["application_name"] = "pleat test " + purpose
			c, err := pgx.ConnectConfig(ctx, config)
			if err == nil {
				_, err = c.Exec(ctx, "SET ROLE "+role)
			}
			return c, err
		}
	}
	_, err := w.apply(as, func(o *Options) { o.LockBudget = time.Second; o.CancelBlockers.Idle = time.Second })
	var spent *LockBudgetError
	if !errors.As(err, &spent) || len(spent.Blockers) != 1 || spent.Blockers[0].PID != pid || !spent.Blockers[0].Hidden {
		t.Errorf("got %v", err)
	}
	denied := false
	for _, e := range seen[Warned](rec) {
		denied = denied || strings.Contains(e.Message, "could not be ended") && strings.Contains(e.Message, "pg_read_all_stats")
		if strings.Contains(e.Message, "nobody watches") {
			t.Errorf("blind: %s", e.Message)
		}
	}
	if !denied || len(seen[BlockerEnded](rec)) > 0 {
		t.Errorf("warned %+v, ended %+v", seen[Warned](rec), seen[BlockerEnded](rec))
	}
	end()
	w.mustApply(as)
}

func TestABatchWaitsForRowsAsAStepDoes(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int PRIMARY KEY, b int); INSERT INTO a SELECT generate_series(1, 200)")
	w.put(1, "b", "-- pleat: step 1\n-- pleat: batch table=a\nUPDATE a SET b = id WHERE b IS NULL;\n")
	pid, end := w.held("UPDATE a SET b = 0 WHERE id = 150")
	rec := &recorder{}
	let := false
	rec.on = func(e Event) {
		if b, ok := e.(Blocked); ok && !let && b.Mode != "" {
			if let = true; b.Blockers[0].PID != pid || b.Mode != "SHARE" {
				t.Errorf("told %+v", b)
			}
			end()
		}
	}
	w.mustApply(patient, small(50), func(o *Options) { o.Observer = rec })
	if got := w.ask("SELECT count(*)::text FROM a WHERE b = id"); got != "200" || !let {
		t.Errorf("%s rows, told %v", got, let)
	}
	_, end = w.held("UPDATE a SET b = NULL WHERE id = 7")
	w.exec("UPDATE a SET b = NULL WHERE id <> 7")
	w.put(2, "b", "-- pleat: step 1\n-- pleat: batch table=a\nUPDATE a SET b = -id WHERE b IS NULL;\n")
	_, err := w.apply(small(50), func(o *Options) { o.LockBudget = 300 * time.Millisecond })
	var spent *LockBudgetError
	if !errors.As(err, &spent) || len(spent.Blockers) != 1 {
		t.Errorf("got %v", err)
	}
	end()
	w.mustApply(small(50))
	w.inOrder()
}

func TestARunThatIsStoppedWhileItWaitsLeavesNobodyBehind(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int)")
	w.put(1, "a", "CREATE INDEX CONCURRENTLY i ON a (id)")
	_, end := w.held("INSERT INTO a VALUES (1)")
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error, 1)
	opts := w.options(func(o *Options) { o.Grace = 4 * time.Second })
	go func() { _, err := Run(ctx, opts); result <- err }()
	w.waitFor(waitsFor)
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	w.waitFor("SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'pleat test%'")
	end()
	w.mustApply()
	if got := w.indexes(); got != "i true" {
		t.Errorf("indexes: %s", got)
	}
	w.inOrder()
}
