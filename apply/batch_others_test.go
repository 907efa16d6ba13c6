package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestBatchesOfAWriterMeanwhile has rows come and change while batches run: none is lost, and it ends.
func TestBatchesOfAWriterMeanwhile(t *testing.T) {
	for name, table := range map[string]string{
		"key": "CREATE TABLE t (id int PRIMARY KEY, c int, n int, x int DEFAULT 0)", "no key": "CREATE TABLE t (id int, c int, n int, x int DEFAULT 0)",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.exec(table + `; INSERT INTO t SELECT i, i FROM generate_series(1, 3000) i;
				CREATE FUNCTION sync() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
					IF current_setting('pleat.nosync', true) = 'on' THEN RETURN new; END IF;
					IF tg_op = 'INSERT' OR new.c IS DISTINCT FROM old.c THEN new.n := -new.c; END IF; RETURN new; END $$;
				CREATE TRIGGER zzz BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION sync()`)
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			writer := w.conn()
			go func() {
				for i := 0; ctx.Err() == nil; i++ {
					if _, err := writer.Exec(context.Background(), "UPDATE t SET x = x + 1 WHERE id = $1", i*37%3000+1); err != nil {
						ended <- err
						return
					}
					if _, err := writer.Exec(context.Background(), "INSERT INTO t VALUES ($1, $1)", 4000+i); err != nil {
						ended <- err
						return
					}
				}
				ended <- nil
			}()
			w.batch(1, "table=t", "UPDATE t SET n = -c WHERE n IS NULL")
			w.mustApply(small(50))
			stop()
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			if got := w.ask("SELECT count(*)::text FROM t WHERE n IS DISTINCT FROM -c"); got != "0" {
				t.Errorf("%s rows are wrong", got)
			}
		})
	}
}

// TestBatchesMeetWritersThatLockInAnotherOrder has writers that hold locks across each other's rows.
func TestBatchesMeetWritersThatLockInAnotherOrder(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE t (id int PRIMARY KEY, n int, x int DEFAULT 0); INSERT INTO t SELECT i, i FROM generate_series(1, 400) i;" + counted +
		"CREATE TRIGGER note BEFORE UPDATE OF n ON t FOR EACH ROW EXECUTE FUNCTION note()")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	for range 2 {
		c := w.conn()
		go func() {
			var err error
			for i := 0; ctx.Err() == nil && err == nil; i++ {
				sql := fmt.Sprintf("BEGIN; UPDATE t SET x = x + 1 WHERE id = 400 - %[1]d; UPDATE t SET x = x + 1 WHERE id = 1 + %[1]d; COMMIT", i%200)
				if _, err = c.PgConn().Exec(context.Background(), sql).ReadAll(); sqlState(err) == "40P01" {
					_, err = c.PgConn().Exec(context.Background(), "ROLLBACK").ReadAll()
				}
			}
			ended <- err
		}()
	}
	w.batch(1, "table=t", plus)
	w.mustApply(small(40), func(o *Options) { o.LockBudget = time.Minute })
	stop()
	if err := errors.Join(<-ended, <-ended); err != nil {
		t.Error(err)
	}
	w.wantOnce("400")
}

func TestALockedRowIsWaitedForInShortAttempts(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, i FROM generate_series(1, 40) i;" + counted + auditOn("t"))
	c := w.conn()
	if _, err := c.Exec(t.Context(), "BEGIN; SELECT FROM t WHERE id = 25 FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	w.batch(1, "table=t", plus)
	rec := &recorder{}
	tried := 0
	rec.on = func(e Event) {
		if _, ok := e.(StepRetried); ok {
			if tried++; tried == 2 {
				_ = c.Close(context.Background())
			}
		}
	}
	w.mustApply(small(10), func(o *Options) { o.Observer, o.LockBudget = rec, time.Minute })
	if tried < 2 {
		t.Errorf("tried again %d times", tried)
	}
	w.wantOnce("40")
	// Where the budget is used up, what is done stays done.
	w.batch(2, "table=t", "UPDATE t SET n = n + 1")
	c = w.conn()
	if _, err := c.Exec(t.Context(), "BEGIN; SELECT FROM t WHERE id = 25 FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	_, err := w.apply(small(10))
	var step *StepError
	if !errors.As(err, &step) || step.SQLState != "55P03" || step.Rows != 20 {
		t.Errorf("got %v", err)
	}
}

func TestBatchesThatTakeTooLongAreHalved(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, i FROM generate_series(1, 60) i;" + counted + auditOn("t"))
	w.batch(1, "table=t size=60", "UPDATE t SET n = n + 1000000 + length(pg_sleep(0.01)::text)")
	rec := &recorder{}
	w.mustApply(func(o *Options) {
		o.Observer, o.LockBudget = rec, time.Minute
		o.Backfill.MinSize, o.Backfill.Timeout = 5, 300*time.Millisecond
	})
	if len(seen[StepRetried](rec)) == 0 {
		t.Error("no batch was too long")
	}
	w.wantOnce("60")
}

func TestBatchesAreHeldBack(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, i FROM generate_series(1, 40) i; CREATE TABLE load (busy bool); INSERT INTO load VALUES (true);" + counted + auditOn("t"))
	w.batch(1, "table=t", plus)
	rec := &recorder{}
	rec.on = func(e Event) {
		if h, ok := e.(Throttled); ok && h.By != "" {
			w.exec("UPDATE load SET busy = false")
		}
	}
	w.mustApply(small(10), func(o *Options) {
		o.Observer, o.Backfill.Query, o.Backfill.Poll = rec, "SELECT busy FROM load", 10*time.Millisecond
		o.Backfill.MaxActive, o.Backfill.YieldToVacuum = 50, true
	})
	held := seen[Throttled](rec)
	if len(held) != 2 || held[0].By != "the query says t" || held[1].By != "" {
		t.Errorf("held %+v", held)
	}
	w.wantOnce("40")
	for query, want := range map[string]string{
		"DELETE FROM load": "cannot execute DELETE in a read-only transaction", "SELECT": "it must be one query that returns a value",
	} {
		w.batch(2, "table=t", plus)
		if _, err := w.apply(func(o *Options) { o.Backfill.Query = query }); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", query, err)
		}
	}
}

func TestAPartitionThatComesLaterIsNamed(t *testing.T) {
	w := newWorld(t)
	w.exec(`CREATE TABLE t (id int PRIMARY KEY, n int) PARTITION BY RANGE (id); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (100); CREATE TABLE t2 (id int PRIMARY KEY, n int);
		CREATE TABLE t3 PARTITION OF t FOR VALUES FROM (200) TO (300); INSERT INTO t SELECT i, i FROM generate_series(1, 50) i; INSERT INTO t SELECT i, i FROM generate_series(201, 250) i; INSERT INTO t2 VALUES (150, 150)`)
	w.batch(1, "table=t", plus)
	rec := &recorder{}
	moved := false
	rec.on = func(e Event) {
		if _, ok := e.(BatchDone); ok && !moved {
			moved = true
			w.exec("ALTER TABLE t ATTACH PARTITION t2 FOR VALUES FROM (100) TO (200)")
		}
	}
	w.mustApply(small(10), func(o *Options) { o.Observer = rec })
	if warned := seen[Warned](rec); len(warned) != 1 || !strings.HasPrefix(warned[0].Message, "public.t2 became a part of t after step 1 began") {
		t.Errorf("warned %v", warned)
	}
	if got := w.ask("SELECT count(*)::text FROM t WHERE n >= 1000000"); got != "100" {
		t.Errorf("%s rows are done", got)
	}
}

// TestABackfillOfARoleThatMayOnlyWriteTheHistory gives a role what the advice names.
func TestABackfillOfARoleThatMayOnlyWriteTheHistory(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "SELECT 1")
	w.mustApply()
	role := "writer_" + w.ask("SELECT replace(current_database(), '-', '_')")
	w.exec("CREATE ROLE " + role + "; GRANT USAGE ON SCHEMA pleat TO " + role + "; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA pleat TO " + role + "; GRANT ALL ON SCHEMA public TO " + role)
	t.Cleanup(func() {
		w.exec("REASSIGN OWNED BY " + role + " TO CURRENT_USER; DROP OWNED BY " + role + "; DROP ROLE " + role)
	})
	as := func(o *Options) {
		connect := o.Connect
		o.Connect = func(ctx context.Context, purpose string) (*pgx.Conn, error) {
			c, err := connect(ctx, purpose)
			if err == nil {
				_, err = c.Exec(ctx, "SET ROLE "+role)
			}
			return c, err
		}
	}
	w.put(2, "t", "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, i FROM generate_series(1, 50) i")
	w.put(3, "fill", "-- pleat: step 1 fill\n-- pleat: batch table=t\nUPDATE t SET n = n + 1;\n-- pleat: down\n-- pleat: undo 1\nUPDATE t SET n = n - 1;\n")
	w.mustApply(as, small(10))
	if _, err := w.rollback(Selection{}, as); err != nil {
		t.Fatal(err)
	}
	w.mustApply(as, small(10))
	if got := w.ask("SELECT rows || ' ' || (SELECT bool_and(n = id + 1) FROM t) FROM pleat.backfill"); got != "50 true" {
		t.Error(got)
	}
	w.put(4, "without_a_key", "-- pleat: step 1 fill\n-- pleat: batch table=u\nUPDATE u SET n = n + 1;\n")
	w.exec("CREATE TABLE u (n int); INSERT INTO u VALUES (1); ALTER TABLE u OWNER TO " + role)
	_, err := w.apply(as)
	if err == nil || !strings.Contains(err.Error(), "permission denied for schema pleat") {
		t.Errorf("got %v", err)
	}
}

func TestTwoAppliersShareABackfill(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, i FROM generate_series(1, 500) i;" + counted + auditOn("t"))
	w.batch(1, "table=t", plus)
	results := make(chan error, 2)
	for range 2 {
		opts := w.options(small(10))
		go func() { _, err := Run(context.Background(), opts); results <- err }()
	}
	if err := errors.Join(<-results, <-results); err != nil {
		t.Error(err)
	}
	w.wantOnce("500")
	w.inOrder()
}

func TestALostLockStopsTheBatches(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, i FROM generate_series(1, 40) i;" + counted + auditOn("t"))
	w.exec("CREATE FUNCTION thief() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.id = 25 THEN PERFORM pg_advisory_unlock_all(); END IF; RETURN new; END $$;" +
		"CREATE TRIGGER thief BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION thief()")
	w.batch(1, "table=t", plus)
	_, err := w.apply(small(10))
	wantRefused(t, err, "lock", "the run's lock is gone")
	if got := w.ask("SELECT rows::text FROM pleat.backfill"); got != "20" {
		t.Errorf("%s rows are done", got)
	}
	w.exec("DROP TRIGGER thief ON t")
	w.mustApply(small(10))
	w.wantOnce("40")
}
