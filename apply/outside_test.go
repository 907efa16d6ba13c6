package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// indexes lists the indexes of table a and whether they are valid.
func (w *world) indexes() string {
	w.t.Helper()
	return w.ask(`SELECT coalesce(string_agg(relname || ' ' || indisvalid, ',' ORDER BY relname), '') FROM pg_index JOIN pg_class c ON c.oid = indexrelid
		WHERE indrelid = 'a'::regclass`)
}

func TestABuildWaitsForOldSnapshotsAndNamesThem(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int); CREATE TABLE other (id int)")
	w.put(1, "i", "CREATE INDEX CONCURRENTLY a_id ON a (id)")
	c := w.conn()
	if _, err := c.Exec(t.Context(), "SET application_name = 'report'; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM other"); err != nil {
		t.Fatal(err)
	}
	pid := int(c.PgConn().PID())
	w.waitFor(fmt.Sprintf("SELECT now() - xact_start > '1.1 s' FROM pg_stat_activity WHERE pid = %d", pid))
	rec := &recorder{}
	let := false
	rec.on = func(e Event) {
		if _, ok := e.(Progressed); ok && !let {
			let = true
			if _, err := c.Exec(context.Background(), "ROLLBACK"); err != nil {
				t.Error(err)
			}
		}
	}
	w.mustApply(func(o *Options) { o.Observer = rec })
	told := seen[Blocked](rec)
	for _, b := range told {
		if len(b.Blockers) != 1 || b.Blockers[0].PID != pid || b.Blockers[0].Application != "report" {
			t.Errorf("told %+v", b)
		}
	}
	if len(told) < 2 || told[0].Mode != "" || told[1].Mode == "" {
		t.Errorf("told %+v", told)
	}
	if p := seen[Progressed](rec); len(p) == 0 || p[0].Phase != "waiting for old snapshots" || p[0].Unit != "sessions" || p[0].Total != 1 {
		t.Errorf("progress %+v", p)
	}
	if got := w.indexes(); got != "a_id true" {
		t.Errorf("indexes: %s", got)
	}
	w.inOrder()
}

func TestWhatInterruptedBuildsLeftIsClearedAway(t *testing.T) {
	long := strings.Repeat("é", 31) // 62 bytes
	for name, c := range map[string]struct{ left, sql, want string }{
		"the index itself":     {"a_id", "CREATE INDEX CONCURRENTLY IF NOT EXISTS a_id ON a (id)", "a_id true"},
		"a rebuild of it":      {"a_id_ccnew,a_id_ccold3", "CREATE INDEX CONCURRENTLY a_id ON a (id)", "a_id true"},
		"a long name":          {strings.Repeat("é", 28) + "_ccnew1", `CREATE INDEX CONCURRENTLY "` + long + `" ON a (id)`, long + " true"},
		"of a table's rebuild": {"a_x_ccnew", "REINDEX TABLE CONCURRENTLY a", "a_x true"},
		"not what is another":  {"b_ccnew,mine", "CREATE INDEX CONCURRENTLY a_id ON a (id)", "a_id true,b_ccnew false,mine false"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.exec("CREATE TABLE a (id int)")
			if strings.Contains(c.want, "a_x") {
				w.exec("CREATE INDEX a_x ON a (id)")
			}
			for _, left := range strings.Split(c.left, ",") {
				w.exec(fmt.Sprintf(`CREATE INDEX "%s" ON a (id)`, left))
				w.exec(fmt.Sprintf(`UPDATE pg_index SET indisvalid = false WHERE indexrelid = '"%s"'::regclass`, left))
			}
			w.put(1, "i", c.sql)
			w.mustApply()
			if got := w.indexes(); got != c.want {
				t.Errorf("indexes: %s", got)
			}
			w.inOrder()
		})
	}
}

// TestABuildThatIsCancelledIsTriedAgain has no name for its index: what the first attempt leaves is known by not having been there.
func TestABuildThatIsCancelledIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int); INSERT INTO a VALUES (1)")
	w.put(1, "i", "CREATE INDEX CONCURRENTLY ON a (id)")
	_, end := w.held("INSERT INTO a VALUES (2)")
	rec := &recorder{}
	result := w.start(func(o *Options) { o.Observer = rec }, patient)
	w.waitFor(waitsFor)
	w.exec("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'pleat test apply'")
	end()
	if err := <-result; err != nil {
		t.Error(err)
	}
	if got := w.indexes(); got != "a_id_idx true" || len(seen[StepRetried](rec)) != 1 {
		t.Errorf("indexes: %s, retried %+v", got, seen[StepRetried](rec))
	}
	w.inOrder()
}

func TestAnIndexOfTheNameMustBeWhatTheStatementSays(t *testing.T) {
	const table = `CREATE TABLE a (gone int, id int, b text, c text COLLATE "C"); ALTER TABLE a DROP COLUMN gone; `
	const sql = `CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON a (id DESC, lower(b)) INCLUDE (c) WITH (fillfactor = 70) WHERE id > 0 AND b LIKE 'x%'`
	for there, differs := range map[string]string{
		`CREATE UNIQUE INDEX i ON a (id DESC, lower(b)) INCLUDE (c) WITH (fillfactor = 70) WHERE id > 0 AND b LIKE 'x%'`:                  "",
		`CREATE INDEX i ON a (id DESC, lower(b)) INCLUDE (c) WITH (fillfactor = 70) WHERE id > 0 AND b LIKE 'x%'`:                         "uniqueness is false and not true",
		`CREATE UNIQUE INDEX i ON a (id, lower(b)) INCLUDE (c) WITH (fillfactor = 70) WHERE id > 0 AND b LIKE 'x%'`:                       "order",
		`CREATE UNIQUE INDEX i ON a (id DESC, upper(b)) INCLUDE (c) WITH (fillfactor = 70) WHERE id > 0 AND b LIKE 'x%'`:                  "columns",
		`CREATE UNIQUE INDEX i ON a (id DESC, lower(b)) WITH (fillfactor = 70) WHERE id > 0 AND b LIKE 'x%'`:                              "columns",
		`CREATE UNIQUE INDEX i ON a (id DESC, lower(b)) INCLUDE (c) WITH (fillfactor = 70) WHERE id > 1 AND b LIKE 'x%'`:                  "condition",
		`CREATE UNIQUE INDEX i ON a (id DESC, lower(b)) INCLUDE (c) WHERE id > 0 AND b LIKE 'x%'`:                                         "options",
		`CREATE UNIQUE INDEX i ON a (id DESC, lower(b) text_pattern_ops) INCLUDE (c) WITH (fillfactor = 70) WHERE id > 0 AND b LIKE 'x%'`: "operator classes",
	} {
		t.Run(differs, func(t *testing.T) {
			w := newWorld(t)
			w.exec(table + there)
			w.put(1, "i", sql)
			if len(there)%2 == 0 {
				w.put(1, "i", "CREATE TABLE b (); "+strings.Replace(sql, "CONCURRENTLY ", "", 1))
			}
			_, err := w.apply()
			if differs == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var refused *Refused
			if !errors.As(err, &refused) || refused.Code != "other_index" || !strings.Contains(err.Error(), differs) {
				t.Errorf("got %v", err)
			}
			w.inOrder()
		})
	}
}

// TestTheNameOfAnIndexMayBelongToAnotherTable is about IF NOT EXISTS, which then makes nothing.
func TestTheNameOfAnIndexMayBelongToAnotherTable(t *testing.T) {
	for _, concurrently := range []string{"", "CONCURRENTLY "} {
		t.Run(concurrently, func(t *testing.T) {
			w := newWorld(t)
			w.exec("CREATE TABLE a (id int); CREATE TABLE b (id int); CREATE INDEX i ON b (id)")
			w.put(1, "i", "CREATE INDEX "+concurrently+"IF NOT EXISTS i ON a (id)")
			_, err := w.apply()
			wantRefused(t, err, "other_index", "the name belongs to something else")
			w.exec("DROP INDEX i")
			w.mustApply()
			w.inOrder()
		})
	}
}

func TestDuplicatesAreShownByAQuery(t *testing.T) {
	for _, concurrently := range []string{"", "CONCURRENTLY "} {
		t.Run(concurrently, func(t *testing.T) {
			w := newWorld(t)
			w.exec("CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)")
			w.put(1, "i", "CREATE UNIQUE INDEX "+concurrently+"i ON a (id)")
			_, err := w.apply()
			if err == nil || !strings.Contains(err.Error(), "SELECT id, count(*) FROM a GROUP BY 1 HAVING count(*) > 1") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestWhatLocksAllIsTriedAgainOutsideToo is about statements that cannot run in a transaction and that everybody would queue behind.
func TestWhatLocksAllIsTriedAgainOutsideToo(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int)")
	w.put(1, "v", "VACUUM FULL a")
	_, end := w.held("SELECT * FROM a")
	rec := &recorder{}
	rec.on = func(e Event) {
		if r, ok := e.(StepRetried); ok && r.Attempt == 1 {
			end()
		}
	}
	w.mustApply(patient, func(o *Options) { o.Observer = rec })
	if r := seen[StepRetried](rec); len(r) == 0 || r[0].Timeout != 100*time.Millisecond || r[0].SQLState != "55P03" {
		t.Errorf("retried %+v", r)
	}
	w.inOrder()
}

func TestALongStatementTellsThatItWorks(t *testing.T) {
	w := newWorld(t)
	w.put(1, "s", "SELECT pg_sleep(6.5)")
	rec := &recorder{}
	w.mustApply(func(o *Options) { o.Observer = rec })
	if p := seen[Progressed](rec); len(p) == 0 || p[0].Phase != "" || p[0].Elapsed < tellAgain {
		t.Errorf("progress %+v", p)
	}
}
