package apply

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

// lockState is what is seen of the lock from beside.
func (w *world) lockState() *LockState {
	w.t.Helper()
	conn := w.conn()
	defer func() { _ = conn.Close(context.Background()) }()
	s, err := ReadLock(w.t.Context(), conn, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// asleep runs an apply whose step sleeps until there is a table called go, and waits for it to sleep.
func (w *world) asleep(change ...func(*Options)) <-chan error {
	w.t.Helper()
	result := make(chan error, 1)
	opts := w.options(change...)
	go func() { _, err := Run(context.Background(), opts); result <- err }()
	w.waitFor("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")
	return result
}

// naps is a step that lasts until there is a table called go.
const naps = "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_class WHERE relname = 'go') LOOP PERFORM pg_sleep(0.02); END LOOP; END $$;\n"

func TestTheLockSaysWhoRunsAndWhoWaits(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", naps+"CREATE TABLE a ()")
	first := w.asleep()
	second := make(chan error, 1)
	opts := w.options()
	go func() { _, err := Run(context.Background(), opts); second <- err }()
	var s *LockState
	for s = w.lockState(); len(s.Queue) == 0; s = w.lockState() {
		time.Sleep(10 * time.Millisecond)
	}
	if !s.Held() || s.Form() != history.SessionLock || len(s.Holders) != 1 || len(s.Queue) != 1 {
		t.Fatalf("state %+v", s)
	}
	h := s.Holders[0]
	if h.Label == nil || h.Label.Operation != CommandApply || h.Label.PID != h.PID || h.Label.Who() == "" || h.Label.Tool != "test" || h.Label.Run == "" {
		t.Errorf("label %+v", h.Label)
	}
	if s.Queue[0].PID == h.PID || !strings.Contains(s.Queue[0].Application, "apply") {
		t.Errorf("queue %+v", s.Queue)
	}
	_, err := w.apply(func(o *Options) { o.LockWait = -1 })
	var held *LockHeldError
	if !errors.As(err, &held) || held.Holder.Label == nil || !strings.Contains(err.Error(), h.Label.Run) {
		t.Errorf("got %v", err)
	}
	w.exec("CREATE TABLE go ()")
	if err := errors.Join(<-first, <-second); err != nil {
		t.Error(err)
	}
	if s = w.lockState(); s.Held() || s.Row == nil || len(s.Queue) != 0 {
		t.Errorf("state afterwards %+v", s)
	}
}

func TestAStaleLabelIsHarmless(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a ()")
	w.mustApply()
	// As a dump of another server brings it, which was taken while a run was at work there.
	w.exec("UPDATE pleat.lock SET pid = 1, backend_start = now() - interval '1 year', since = now() - interval '1 year', heartbeat = now() + interval '1 hour', token = 41")
	if s := w.lockState(); s.Held() {
		t.Errorf("held by a label: %+v", s)
	}
	w.put(2, "b", "CREATE TABLE b ()")
	w.mustApply(func(o *Options) { o.LockWait = -1 })
	if got := w.ask("SELECT token::text FROM pleat.lock"); got != "42" {
		t.Errorf("token %s", got)
	}
}

// TestARunWhoseLockWasTakenOverCommitsNothing takes the lock's row over while a run is at work, at each place where it could be.
func TestARunWhoseLockWasTakenOverCommitsNothing(t *testing.T) {
	const steal = "UPDATE pleat.lock SET token = token + 1"
	t.Run("before it begins", func(t *testing.T) {
		w := newWorld(t)
		w.put(1, "a", "CREATE TABLE a ()")
		w.mustApply()
		w.put(2, "b", "CREATE TABLE b ()")
		_, err := w.apply(func(o *Options) {
			inspect := o.Inspect
			o.Inspect = func(ctx context.Context, conn *pgx.Conn) (*schema.Catalog, error) {
				w.exec("UPDATE pleat.lock SET heartbeat = clock_timestamp()")
				return inspect(ctx, conn)
			}
		})
		wantRefused(t, err, "lock", "another run began meanwhile")
		w.wantStates(map[string]history.Status{"1": "applied"})
	})
	for name, text := range map[string]string{
		"in a step":         naps + "CREATE TABLE b ()",
		"in batches":        "-- pleat: up\n-- pleat: step 1\n" + naps + "-- pleat: step 2\n-- pleat: batch table=public.a key=id size=10\nUPDATE public.a SET v = 1;\n",
		"around an index":   "-- pleat: step 1\n" + naps + "-- pleat: step 2\nCREATE INDEX CONCURRENTLY b ON a (id);\n",
		"with generated ID": "-- pleat: step 1\n" + naps + "-- pleat: step 2\nCREATE TABLE b ();\n",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.exec("CREATE TABLE a (id int PRIMARY KEY, v int); INSERT INTO a SELECT g FROM generate_series(1, 50) g")
			w.put(1, "b", text)
			result := w.asleep()
			w.exec(steal)
			w.exec("CREATE TABLE go ()")
			err := <-result
			if !lost(err) {
				t.Errorf("got %v", err)
			}
			if got := w.ask("SELECT concat(to_regclass('b'), (SELECT count(v) FROM a))"); got != "0" {
				t.Errorf("it left %s", got)
			}
			w.mustApply()
			w.wantStates(map[string]history.Status{"1": "applied"})
		})
	}
}

func TestTheSessionGivesTheLockUpWithItsProcess(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "SELECT pg_sleep(600)")
	if w.ask("SELECT (current_setting('server_version_num')::int >= 140000)::text") != "true" {
		t.Skip("PostgreSQL 13 notices only at the end of a statement that its client is gone")
	}
	conns := make(chan *pgx.Conn, 8)
	result := w.asleep(func(o *Options) {
		o.Connect = func(ctx context.Context, purpose string) (*pgx.Conn, error) {
			conn, err := connectTo(w.url)(ctx, purpose)
			if err == nil && purpose == PurposeApply {
				conns <- conn
			}
			return conn, err
		}
	})
	// What the kernel does with the sockets of a process that is killed.
	if err := (<-conns).PgConn().Conn().Close(); err != nil {
		t.Fatal(err)
	}
	w.waitFor("SELECT count(*) = 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")
	if err := <-result; err == nil {
		t.Error("the run went well without a connection")
	}
	if s := w.lockState(); s.Held() {
		t.Errorf("still held: %+v", s)
	}
}

func TestACutNetworkIsNoticedByTheServer(t *testing.T) {
	w := newWorld(t)
	tcp, err := pgconn.ParseConfig(w.url)
	if err != nil {
		t.Fatal(err)
	}
	w.put(1, "a", "SELECT 1")
	var got []string
	_, err = w.apply(func(o *Options) {
		inspect := o.Inspect
		o.Inspect = func(ctx context.Context, conn *pgx.Conn) (*schema.Catalog, error) {
			for _, name := range []string{"tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count"} {
				var value string
				if err := conn.QueryRow(ctx, "SELECT current_setting($1)", name).Scan(&value); err != nil {
					return nil, err
				}
				got = append(got, value)
			}
			return inspect(ctx, conn)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"10", "5", "3"}
	if strings.HasPrefix(tcp.Host, "/") {
		want = []string{"0", "0", "0"} // a Unix socket needs none
	}
	if diff := cmp.Diff(want, got[:3]); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyALeaseThatNobodyKeepsUpIsReleased(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", naps+"CREATE TABLE a ()")
	release := func(id string) error {
		t.Helper()
		_, err := ReleaseLock(t.Context(), w.options(), id)
		return err
	}
	wantRefused(t, release(""), "lock", "nobody holds the lock")
	result := w.asleep()
	var held *LockHeldError
	if err := release(""); !errors.As(err, &held) || !strings.Contains(err.Error(), "is not released") {
		t.Errorf("got %v", err)
	}
	w.exec("CREATE TABLE go ()")
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	wantRefused(t, release(""), "lock", "nobody holds the lock")
	const lease = "UPDATE pleat.lock SET form = 'lease', lifetime_ms = 30000, released_at = NULL, heartbeat = clock_timestamp()"
	w.exec(lease)
	if err := release(""); !errors.As(err, &held) || held.Holder.Label == nil {
		t.Errorf("got %v", err)
	}
	// Whoever takes the advisory lock meets the lease too.
	w.put(2, "b", "CREATE TABLE b ()")
	if _, err := w.apply(func(o *Options) { o.LockWait = -1 }); !errors.As(err, &held) || !strings.Contains(err.Error(), "the lease ends 30s") {
		t.Errorf("got %v", err)
	}
	w.exec(lease + " - interval '31 seconds'")
	wantRefused(t, release("other"), "lock", `no lock has the ID "other"`)
	if err := release(w.lockState().Row.ID); err != nil {
		t.Fatal(err)
	}
	if got := w.ask("SELECT count(*)::text FROM pleat.log WHERE kind = 'lock_taken_over' AND detail ? 'run'"); got != "1" {
		t.Errorf("recorded %s times", got)
	}
	wantRefused(t, release(""), "lock", "nobody holds the lock")
	w.mustApply(func(o *Options) { o.LockWait = -1 })
	w.inOrder()
}

func TestARoleThatMayNotWriteTheLabelRunsWithoutOne(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a ()")
	w.mustApply()
	w.exec("CREATE ROLE unlabelled; GRANT CREATE, USAGE ON SCHEMA public, pleat TO unlabelled; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA pleat TO unlabelled; REVOKE ALL ON pleat.lock FROM unlabelled")
	t.Cleanup(func() { w.exec("DROP OWNED BY unlabelled CASCADE; DROP ROLE unlabelled") })
	as := func(o *Options) {
		o.Connect = func(ctx context.Context, purpose string) (*pgx.Conn, error) {
			conn, err := connectTo(w.url)(ctx, purpose)
			if err == nil {
				_, err = conn.Exec(ctx, "SET ROLE unlabelled")
			}
			return conn, err
		}
	}
	w.put(2, "b", "CREATE TABLE b ()")
	w.mustApply(as)
	w.wantStates(map[string]history.Status{"1": "applied", "2": "applied"})
}

func TestPoolers(t *testing.T) {
	through := func(url string) func(*Options) {
		return func(o *Options) { o.Connect = connectTo(url) }
	}
	t.Run("by transaction", func(t *testing.T) {
		w := newWorld(t)
		w.put(1, "a", "CREATE TABLE a ()")
		pooled := through(pgtest.Pooler(t, w.url, pgtest.PoolTransaction))
		results := make(chan error, 8)
		for range cap(results) {
			opts := w.options(pooled)
			go func() { _, err := Run(context.Background(), opts); results <- err }()
		}
		for range cap(results) {
			wantRefused(t, <-results, "lock", "the lock cannot be trusted behind this connection pooler")
		}
		if got := w.ask("SELECT concat(to_regclass('a'), to_regclass('pleat.log'), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())))"); got != "0" {
			t.Errorf("it left %q", got)
		}
		// What was refused through the pooler stands in nobody's way beside it.
		w.mustApply(func(o *Options) { o.LockWait = -1 })
	})
	t.Run("by session", func(t *testing.T) {
		w := newWorld(t)
		w.put(1, "a", "CREATE TABLE a ()")
		w.put(2, "b", "CREATE INDEX CONCURRENTLY b ON pleat.log (id); CREATE TABLE b ()")
		pooled := through(pgtest.Pooler(t, w.url, pgtest.PoolSession))
		results := make(chan error, 4)
		for range cap(results) {
			opts := w.options(pooled)
			go func() { _, err := Run(context.Background(), opts); results <- err }()
		}
		for range cap(results) {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		w.inOrder()
	})
}
