package apply

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/history"
)

// batch writes a migration whose only step runs in batches.
func (w *world) batch(n int, settings, sql string) {
	w.put(n, "fill", "-- pleat: step 1 fill\n-- pleat: batch "+settings+"\n"+sql+";\n")
}

// small makes batches of exactly so many rows, so that there are many.
func small(rows int) func(*Options) {
	return func(o *Options) { o.Backfill.Size, o.Backfill.MaxSize = rows, rows }
}

// counted is a trigger that notes each change of a row, by which a row that is changed twice shows.
const counted = `
	CREATE TABLE audit (old int, new int, nosync text);
	CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		INSERT INTO audit VALUES (old.n, new.n, current_setting('pleat.nosync', true)); RETURN new; END $$;`

func auditOn(table string) string {
	return "CREATE TRIGGER note BEFORE UPDATE ON " + table + " FOR EACH ROW EXECUTE FUNCTION note();"
}

// wantOnce fails the test unless each of so many rows of t went from n to n + 1000000 exactly once.
func (w *world) wantOnce(rows string) {
	w.t.Helper()
	if got := w.ask("SELECT count(*) || ' ' || count(DISTINCT old) || ' ' || coalesce(bool_and(new = old + 1000000 AND nosync = 'on'), true) FROM audit"); got != rows+" "+rows+" true" {
		w.t.Errorf("changes of rows, different rows, right: %s, want %s", got, rows)
	}
	if got := w.ask("SELECT count(*) FILTER (WHERE n < 1000000) || ' ' || count(*) FILTER (WHERE n >= 2000000) FROM t"); got != "0 0" {
		w.t.Errorf("rows left and rows changed twice: %s", got)
	}
}

const plus = "UPDATE t SET n = n + 1000000"

func TestBatchesChangeEveryRowOnce(t *testing.T) {
	for _, tc := range []struct{ name, table, batch, key, rows, batches string }{
		{"integer", "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, i FROM generate_series(1, 105) i", "table=t", "{id}", "105", "11"},
		{"composite", `CREATE TABLE t (a int, b text, n int, PRIMARY KEY (b, a)); INSERT INTO t SELECT i % 7, 'x' || i / 7, i FROM generate_series(1, 100) i`, "table=t", "{b,a}", "100", "10"},
		{"chosen", `CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b int NOT NULL, n int, UNIQUE (a, b)); INSERT INTO t SELECT i, i % 7, -i, i FROM generate_series(1, 100) i`, "table=t key=b,a", "{a,b}", "100", "10"},
		{"unique, not null", `CREATE TABLE t (a int UNIQUE, b int NOT NULL, c int NOT NULL UNIQUE, n int); CREATE UNIQUE INDEX ON t (b) WHERE b > 5; INSERT INTO t SELECT NULL, i, i, i FROM generate_series(1, 100) i`, "table=t", "{c}", "100", "10"},
		{"text with a collation", `CREATE TABLE t ("My ""Key" text COLLATE "C" PRIMARY KEY, n int); INSERT INTO t SELECT chr(33 + i) || 'ä' || E'\\''' || repeat('%s', i % 3), i FROM generate_series(1, 100) i`, "table=t", `{"My \"Key"}`, "100", "10"},
		{"a first column with few values", `CREATE TABLE t (a bool, b text, c numeric, n int, PRIMARY KEY (a, b, c)); INSERT INTO t SELECT i % 2 = 0, 'x' || i / 20, i, i FROM generate_series(1, 100) i`, "table=t", "{a,b,c}", "100", "10"},
		{"uuid", "CREATE TABLE t (id uuid PRIMARY KEY, n int); INSERT INTO t SELECT md5(i::text)::uuid, i FROM generate_series(1, 100) i", "table=t", "{id}", "100", "10"},
		{"numeric", "CREATE TABLE t (id numeric PRIMARY KEY, n int); INSERT INTO t SELECT i / 7.0 - 5, i FROM generate_series(1, 100) i; INSERT INTO t VALUES ('NaN', 0), ('1e40', 5000)", "table=t", "{id}", "102", "11"},
		{"float8", "CREATE TABLE t (id float8 PRIMARY KEY, n int); INSERT INTO t SELECT sqrt(i), i FROM generate_series(1, 98) i; INSERT INTO t VALUES ('-Infinity', 0), ('NaN', 5000)", "table=t", "{id}", "100", "10"},
		{"timestamptz and interval", "CREATE TABLE t (at timestamptz, i interval, n int, PRIMARY KEY (at, i)); INSERT INTO t SELECT 'epoch'::timestamptz + i % 5 * interval '0.000001 s', i * interval '-1 day 2 h', i FROM generate_series(1, 99) i; INSERT INTO t VALUES ('-infinity', '0', 0)", "table=t", "{at,i}", "100", "10"},
		{"bytea and boolean and char", "CREATE TABLE t (a bool, b bytea, c char(3), d \"char\", n int, PRIMARY KEY (a, b, c, d)); INSERT INTO t SELECT i % 2 = 0, decode(lpad(to_hex(i), 2, '0'), 'hex'), 'x', 'y', i FROM generate_series(1, 100) i", "table=t", "{a,b,c,d}", "100", "10"},
		{"enum, domain and array", "CREATE TYPE e AS ENUM ('z', 'a'); CREATE DOMAIN d AS numeric(8,2) CHECK (VALUE > 0); CREATE DOMAIN dd AS d; CREATE TABLE t (a e, b dd, c int[], n int, PRIMARY KEY (a, b, c)); INSERT INTO t SELECT (CASE WHEN i % 2 = 0 THEN 'a' ELSE 'z' END)::e, i, ARRAY[i], i FROM generate_series(1, 100) i", "table=t", "{a,b,c}", "100", "10"},
		{"an extension's type", "CREATE EXTENSION citext; CREATE TABLE t (id citext, m int, n int, PRIMARY KEY (id, m)); INSERT INTO t SELECT CASE WHEN i % 2 = 0 THEN 'a' ELSE 'B' END || i % 10, i, i FROM generate_series(1, 100) i", "table=t", "{id,m}", "100", "10"},
		{"no key", "CREATE TABLE t (n int); INSERT INTO t SELECT i FROM generate_series(1, 1000) i", "table=t", "{ctid}", "1000", "5"},
		{"no key, room on the pages to come", "CREATE TABLE t (n int, x text) WITH (autovacuum_enabled = off); INSERT INTO t SELECT i, repeat('x', 500) FROM generate_series(1, 1000) i; DELETE FROM t WHERE n % 2 = 0; VACUUM t", "table=t", "{ctid}", "500", ""},
		{"empty", "CREATE TABLE t (id int PRIMARY KEY, n int)", "table=t", "{id}", "0", "0"},
		{"empty, no key", "CREATE TABLE t (n int)", "table=t", "{ctid}", "0", "0"},
		{"one row", "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (-5, 1)", "table=t", "{id}", "1", "1"},
		{"partitions", `CREATE TABLE t (id int, r int, n int, PRIMARY KEY (r, id)) PARTITION BY LIST (r); CREATE TABLE "t 1" PARTITION OF t FOR VALUES IN (1);
			CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2) PARTITION BY RANGE (id); CREATE TABLE t2a (n int, id int NOT NULL, r int NOT NULL); ALTER TABLE t2 ATTACH PARTITION t2a FOR VALUES FROM (0) TO (50);
			CREATE TABLE t2b PARTITION OF t2 DEFAULT; INSERT INTO t SELECT i, i % 2 + 1, i FROM generate_series(1, 100) i`, "table=t", "{r,id}", "100", ""},
		{"partitions without a key", `CREATE TABLE t (id int, n int) PARTITION BY RANGE (id); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (50); CREATE TABLE t2 PARTITION OF t DEFAULT;
			INSERT INTO t SELECT i, i FROM generate_series(1, 100) i`, "table=t", "{ctid}", "100", ""},
		{"heirs", `CREATE TABLE t (id int PRIMARY KEY, n int); CREATE TABLE c () INHERITS (t); INSERT INTO t SELECT i, i FROM generate_series(1, 50) i; INSERT INTO c SELECT i, i + 100 FROM generate_series(1, 50) i`, "table=t", "{id}", "100", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			if before, after, ok := strings.Cut(tc.table, "; VACUUM t"); ok {
				w.exec(before)
				w.exec("VACUUM t" + after)
			} else {
				w.exec(tc.table)
			}
			w.exec(counted + auditOn("t"))
			if tc.name == "heirs" {
				w.exec(auditOn("c"))
			}
			w.batch(1, tc.batch, plus)
			rec := &recorder{}
			w.mustApply(small(10), func(o *Options) { o.Observer = rec })
			w.wantOnce(tc.rows)
			if got := w.ask("SELECT key::text FROM pleat.backfill"); got != tc.key {
				t.Errorf("key %s, want %s", got, tc.key)
			}
			got := w.ask("SELECT rows || ' ' || batches || ' ' || (done_at IS NOT NULL AND proof IS NOT NULL) FROM pleat.backfill")
			if want := tc.rows + " " + tc.batches + " true"; got != want && tc.batches != "" {
				t.Errorf("backfill %s, want %s", got, want)
			}
			all := seen[BatchDone](rec)
			if last := all[len(all)-1]; !last.Complete || last.Percent() != 100 || tc.name != "partitions" && len(all) > 2 && all[0].Percent() >= 100 {
				t.Errorf("progress %+v", all)
			}
			if warned := seen[Warned](rec); len(warned) == 0 || tc.rows != "0" && !strings.Contains(warned[0].Message, "these triggers fire: note;") {
				t.Errorf("warned %v", warned)
			}
			w.wantStates(map[string]history.Status{"1": "applied"})
			w.inOrder()
		})
	}
}

func TestABatchedStepTellsTheLog(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, 0 FROM generate_series(1, 25) i")
	w.put(1, "x", "-- pleat: step 1 add\nALTER TABLE t ADD m int;\n-- pleat: step 2 fill\n-- pleat: batch table=t size=10\nUPDATE t SET m = n WHERE m IS NULL;\n"+
		"-- pleat: step 3 require\nALTER TABLE t ALTER m SET NOT NULL;\n-- pleat: down\n-- pleat: undo 1 loses m\nALTER TABLE t DROP m;\n")
	w.mustApply()
	if got := w.ask("SELECT string_agg(kind || coalesce(' ' || step, ''), ', ' ORDER BY id) FROM pleat.log"); got !=
		"created, run_started, step_done 1, step_started 2, step_done 2, step_done 3, applied, run_finished" {
		t.Error(got)
	}
	if got := w.ask("SELECT string_agg((detail - 'estimate')::text, ' ' ORDER BY id) FROM pleat.log WHERE step = 2"); got !=
		`{"key": ["id"], "table": "t", "batches": true} {"rows": 25, "batches": 3}` {
		t.Error(got)
	}
	if _, err := w.rollback(Selection{AcceptDataLoss: true}); err != nil {
		t.Fatal(err)
	}
	if got := w.ask("SELECT count(*)::text FROM pleat.backfill"); got != "0" {
		t.Error("the cursor of an undone migration is still there")
	}
	w.mustApply()
	if got := w.ask("SELECT rows || ' ' || (SELECT count(m) FROM t) FROM pleat.backfill"); got != "25 25" {
		t.Errorf("applied again: %s", got)
	}
	w.inOrder()
}

func TestWhatBatchesRefuse(t *testing.T) {
	const table = "CREATE TABLE t (id int PRIMARY KEY, n int, m int); INSERT INTO t VALUES (1, 1, 1)"
	for _, tc := range []struct{ name, table, batch, sql, want string }{
		{"the key assigned", table, "table=t", "UPDATE t SET id = id + 1", "the statement assigns id, by which the batches of public.t go; name another key"},
		{"no such key", table, "table=t key=n", "UPDATE t SET m = 1", "n is not the key of a unique index over plain NOT NULL columns of public.t; leave key= out"},
		{"no table", "SELECT 1", "table=t", "UPDATE t SET m = 1", "there is no table t"},
		{"a view", "CREATE VIEW t AS SELECT 1 AS m", "table=t", "UPDATE t SET m = 1", "public.t is a view, which cannot be gone through in batches"},
		{"rows that change their partition", "CREATE TABLE t (id int PRIMARY KEY, m int) PARTITION BY LIST (id); CREATE TABLE t1 PARTITION OF t DEFAULT", "table=t", "UPDATE t SET id = 2", "the statement assigns id, by which the batches"},
		{"rows that change their partition, no key", "CREATE TABLE t (a int, m int) PARTITION BY RANGE (abs(a)); CREATE TABLE t1 PARTITION OF t DEFAULT; CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (1) TO (9)", "table=t", "UPDATE t SET a = 2", "the statement assigns a, which says in which partition a row lies"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.exec(tc.table)
			w.batch(1, tc.batch, tc.sql)
			_, err := w.apply()
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), ":3:1") {
				t.Errorf("got %v", err)
			}
			if got := w.ask("SELECT count(*)::text FROM pleat.backfill"); got != "0" {
				t.Error("a refused step left a cursor")
			}
		})
	}
}

func TestAFailedBatchGoesOnOnceItsCauseIsGone(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE t (id int PRIMARY KEY, n text, m int); INSERT INTO t SELECT i, i, 0 FROM generate_series(1, 100) i; UPDATE t SET n = 'x' WHERE id = 55")
	w.batch(1, "table=t", "UPDATE t SET m = m + n::int")
	_, err := w.apply(small(10))
	var step *StepError
	if !errors.As(err, &step) || step.Batches != 5 || step.Rows != 50 || step.SQLState != "22P02" || step.Line != 3 || step.Column != 1 {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"no step of this file is complete in the database; step 1 changed 50 rows so far, in 5 batches", "pleat apply goes on behind the last batch"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%v", want, err)
		}
	}
	w.exec("UPDATE t SET n = '55' WHERE id = 55")
	edited := "-- pleat: step 1 fill\n-- pleat: batch table=t\nUPDATE t SET m = m + 2 * n::int;\n"
	w.put(1, "fill", edited)
	var checksum *ChecksumError
	if _, err := w.apply(); !errors.As(err, &checksum) {
		t.Errorf("an edited statement went on: %v", err)
	}
	w.batch(1, "table=t", "UPDATE t SET m = m + n::int")
	w.mustApply(small(10))
	if got := w.ask("SELECT bool_and(m = id)::text FROM t"); got != "true" {
		t.Error("rows are wrong")
	}
	w.inOrder()
}

func TestAStatementWhoseFirstBatchFailsCanBeMended(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1)")
	w.batch(1, "table=t", "UPDATE t SET nope = 1")
	_, err := w.apply()
	var step *StepError
	if !errors.As(err, &step) || step.SQLState != "42703" || !strings.Contains(err.Error(), "nothing of this file is in the database") {
		t.Fatalf("got %v", err)
	}
	w.batch(1, "table=t", "UPDATE t SET n = 2")
	w.mustApply()
	if got := w.ask("SELECT n::text FROM t"); got != "2" {
		t.Errorf("n is %s", got)
	}
	w.inOrder()
}

func TestAnInterruptedBackfillIsTakenBack(t *testing.T) {
	for _, mode := range []FailureMode{Stop, Undo} {
		t.Run(string(mode), func(t *testing.T) {
			w := newWorld(t)
			w.exec("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, CASE i WHEN 55 THEN 0 ELSE i END FROM generate_series(1, 100) i")
			w.put(1, "x", "-- pleat: step 1 fill\n-- pleat: batch table=t\nUPDATE t SET n = n + 1000 + 0 / n;\n-- pleat: down\n-- pleat: undo 1\nUPDATE t SET n = n - 1000 WHERE n >= 1000;\n")
			if _, err := w.apply(small(10), func(o *Options) { o.OnFailure = mode }); sqlState(err) != "22012" {
				t.Fatalf("got %v", err)
			}
			if mode == Stop {
				if _, err := w.rollback(Selection{}); err != nil {
					t.Fatal(err)
				}
			}
			if got := w.ask("SELECT count(*)::text FROM t WHERE n <> id AND id <> 55"); got != "0" {
				t.Errorf("%s rows are wrong", got)
			}
			if got := w.ask("SELECT count(*)::text FROM pleat.backfill"); got != "0" {
				t.Error("the cursor is still there")
			}
			w.wantStates(map[string]history.Status{"1": "rolled_back"})
			w.inOrder()
		})
	}
}

func TestSizesFollowTheTime(t *testing.T) {
	s := newSizer(Backfill{}.withDefaults(), 0)
	var sizes []int
	for range 60 {
		sizes = append(sizes, s.rows)
		s.learn(int64(s.rows), time.Duration(s.rows)*100*time.Microsecond)
	}
	if s.rows < 3000 || s.rows > 5000 || sizes[1] != 1201 {
		t.Errorf("sizes %v", sizes)
	}
	s.learn(1, time.Minute)
	if s.rows < 3000 {
		t.Error("a batch of one row counted")
	}
	for range 20 {
		s.halve()
	}
	if s.rows != 100 {
		t.Errorf("the smallest is %d", s.rows)
	}
	tiny := newSizer(Backfill{}.withDefaults(), 7)
	tiny.halve()
	if tiny.rows != 7 {
		t.Errorf("the smallest is %d", tiny.rows)
	}
	big := newSizer(Backfill{}.withDefaults(), 1_000_000)
	if diff := cmp.Diff(50_000, big.rows); diff != "" {
		t.Error(diff)
	}
}
