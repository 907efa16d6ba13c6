package apply

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// lying is a world whose server says yes to every wish for an advisory lock, as some engines do that speak PostgreSQL's protocol.
func lying(t *testing.T) *world {
	w := newWorld(t)
	pgtest.Lie(t, w.url)
	return w
}

// leasing sets how long a lease counts and how often it is kept up.
func leasing(life, beat time.Duration) func(*Options) {
	return func(o *Options) { o.lease = leaseTimes{life, beat} }
}

func TestWhereAdvisoryLocksLieALeaseKeepsRunsApart(t *testing.T) {
	w := lying(t)
	w.put(1, "a", "CREATE TABLE a (id int); INSERT INTO a SELECT generate_series(1, 1000)")
	w.put(2, "b", "CREATE INDEX CONCURRENTLY a_id ON a (id)")
	w.put(3, "c", "INSERT INTO a VALUES (0)")
	results := make(chan error, 8)
	var ran atomic.Int32
	for range cap(results) {
		opts := w.options(leasing(30*time.Second, 10*time.Millisecond))
		go func() {
			r, err := Run(context.Background(), opts)
			if r != nil {
				ran.Add(int32(len(r.Done)))
			}
			results <- err
		}()
	}
	for range cap(results) {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if got := w.ask("SELECT count(*)::text FROM a"); got != "1001" || ran.Load() != 3 {
		t.Errorf("%s rows, %d migrations ran", got, ran.Load())
	}
	if got := w.ask("SELECT concat(form, ' ', token, ' ', released_at IS NOT NULL) FROM pleat.lock"); got != "lease 8 t" {
		t.Error(got)
	}
	w.inOrder()
}

func TestALeaseSaysWhy(t *testing.T) {
	w := lying(t)
	w.put(1, "a", naps+"CREATE TABLE a ()")
	rec := &recorder{}
	result := w.asleep(func(o *Options) { o.Observer = rec })
	if all := seen[Warned](rec); len(all) != 1 || !strings.Contains(all[0].Message, "a second session could take one too") {
		t.Errorf("warned of %v", all)
	}
	s := w.lockState()
	if s.Form() != history.LeaseLock || len(s.Holders) != 1 || s.Row.Lifetime != 30*time.Second || s.Row.Operation != CommandApply {
		t.Errorf("state %+v of %+v", s, s.Row)
	}
	_, err := w.apply(func(o *Options) { o.LockWait = -1 })
	var held *LockHeldError
	if !errors.As(err, &held) || !strings.Contains(err.Error(), "the lease ends 30s after its last heartbeat") {
		t.Errorf("got %v", err)
	}
	w.exec("CREATE TABLE go ()")
	if err := <-result; err != nil {
		t.Error(err)
	}
	if s = w.lockState(); s.Held() {
		t.Errorf("still held: %+v", s)
	}
}

// TestALeaseIsTakenOverWhenItsHolderIsDead has the first holder lose all its connections in a step.
func TestALeaseIsTakenOverWhenItsHolderIsDead(t *testing.T) {
	w := lying(t)
	w.put(1, "a", naps+"CREATE TABLE a ()")
	dead := make(chan struct{})
	result := w.asleep(leasing(2*time.Second, 100*time.Millisecond), func(o *Options) {
		o.Connect = func(ctx context.Context, purpose string) (*pgx.Conn, error) {
			select {
			case <-dead:
				return nil, errors.New("no network")
			default:
				return connectTo(w.url)(ctx, purpose)
			}
		}
	})
	close(dead)
	w.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	if err := <-result; err == nil {
		t.Error("it went well")
	}
	w.exec("CREATE TABLE go ()")
	rec := &recorder{}
	w.mustApply(leasing(2*time.Second, 100*time.Millisecond), func(o *Options) { o.Observer = rec })
	if got := w.ask("SELECT count(*)::text FROM pleat.log WHERE kind = 'lock_taken_over'"); got != "1" {
		t.Errorf("the takeover is recorded %s times", got)
	}
	w.wantStates(map[string]history.Status{"1": "applied"})
	w.inOrder()
}

// TestALeaseIsNotTakenOverWhileItsStatementRuns expires the lease of a run that works outside of a transaction.
func TestALeaseIsNotTakenOverWhileItsStatementRuns(t *testing.T) {
	w := lying(t)
	w.exec("CREATE TABLE a (id int)")
	w.put(1, "a", "CREATE INDEX CONCURRENTLY a_id ON a (id)")
	blocker := w.conn()
	if _, err := blocker.Exec(t.Context(), "BEGIN; LOCK TABLE a IN SHARE UPDATE EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	first := make(chan error, 1)
	opts := w.options(leasing(time.Hour, time.Hour))
	go func() { _, err := Run(context.Background(), opts); first <- err }()
	w.waitFor("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONC%' AND wait_event_type = 'Lock'")
	w.exec("UPDATE pleat.lock SET heartbeat = heartbeat - interval '2 hours'")
	_, err := w.apply(func(o *Options) { o.LockWait = -1 })
	var held *LockHeldError
	if !errors.As(err, &held) {
		t.Errorf("got %v", err)
	}
	if _, err := ReleaseLock(t.Context(), w.options(), ""); !errors.As(err, &held) {
		t.Errorf("released: %v", err)
	}
	if _, err := blocker.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := <-first; err != nil {
		t.Error(err) // it was late, but nobody came in between
	}
}

func TestARunWhoseLeaseIsGoneIsStopped(t *testing.T) {
	for name, harm := range map[string]string{
		"taken over": "UPDATE pleat.lock SET token = token + 1",
		"unreachable": "ALTER TABLE pleat.lock RENAME TO away; " +
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%heartbeat'",
	} {
		t.Run(name, func(t *testing.T) {
			w := lying(t)
			w.put(1, "a", naps+"CREATE TABLE a ()")
			result := w.asleep(leasing(500*time.Millisecond, 20*time.Millisecond))
			w.exec(harm)
			if err := <-result; !lost(err) {
				t.Errorf("got %v", err)
			}
			if got := w.tables(); got != "" {
				t.Errorf("it left %s", got)
			}
		})
	}
}

// TestAStatementThatOutlivesItsLeaseIsInDoubt takes the lease over while a statement outside of a transaction runs.
func TestAStatementThatOutlivesItsLeaseIsInDoubt(t *testing.T) {
	w := lying(t)
	w.exec("CREATE TABLE a (id int)")
	w.put(1, "a", "CREATE INDEX CONCURRENTLY a_id ON a (id)")
	blocker := w.conn()
	if _, err := blocker.Exec(t.Context(), "BEGIN; LOCK TABLE a IN SHARE UPDATE EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	first := make(chan error, 1)
	opts := w.options(leasing(time.Hour, time.Hour))
	go func() { _, err := Run(context.Background(), opts); first <- err }()
	w.waitFor("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONC%' AND wait_event_type = 'Lock'")
	w.exec("UPDATE pleat.lock SET token = token + 1, released_at = now()")
	if _, err := blocker.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	var step *StepError
	if err := <-first; !errors.As(err, &step) || !step.Unknown || !lost(err) {
		t.Errorf("got %v", err)
	}
	w.mustApply()
	w.wantStates(map[string]history.Status{"1": "applied"})
	w.inOrder()
}

func TestABatchedStepKeepsItsLease(t *testing.T) {
	w := lying(t)
	w.exec("CREATE TABLE a (id int PRIMARY KEY, v int); INSERT INTO a SELECT g FROM generate_series(1, 500) g")
	w.put(1, "b", "-- pleat: up\n-- pleat: step 1\n-- pleat: batch table=public.a key=id size=10\nUPDATE public.a SET v = id;\n")
	w.mustApply(leasing(5*time.Second, time.Millisecond))
	if got := w.ask("SELECT count(*)::text FROM a WHERE v = id"); got != "500" {
		t.Errorf("%s rows", got)
	}
	w.inOrder()
}
