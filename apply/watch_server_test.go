package apply

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/inspect/shadow/server"
)

// busyServer is a server of its own that vacuums often and knows prepared transactions, which those for tests do not.
func busyServer(t *testing.T) func(t *testing.T, name string) *world {
	t.Helper()
	major, _ := strconv.Atoi(os.Getenv("PLEAT_TEST_MAJOR"))
	if major == 0 {
		major = pgtest.Server(t).Major()
	}
	s, err := server.Start(context.Background(), server.Options{Major: major, Settings: map[string]string{
		"autovacuum": "on", "autovacuum_naptime": "1s", "max_prepared_transactions": "5", "deadlock_timeout": "1min", "autovacuum_freeze_max_age": "100000",
	}})
	if err != nil {
		t.Skipf("no server of its own can be started: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return func(t *testing.T, name string) *world {
		if err := s.CreateDatabase(t.Context(), name, ""); err != nil {
			t.Fatal(err)
		}
		return &world{t, s.URL(name), t.TempDir()}
	}
}

func TestWhatOnlySomeServersHaveInTheWay(t *testing.T) {
	t.Parallel()
	database := busyServer(t)
	t.Run("prepared transaction", func(t *testing.T) { aPreparedTransactionIsNamed(t, database(t, "prepared")) })
	t.Run("autovacuum", func(t *testing.T) { anAutovacuumIsCancelledWhereWished(t, database(t, "autovacuum")) })
	t.Run("vacuum to prevent wraparound", func(t *testing.T) { aVacuumToPreventWraparoundIsLeftAlone(t, database(t, "wraparound")) })
}

func aPreparedTransactionIsNamed(t *testing.T, w *world) {
	w.exec("CREATE TABLE a (id int PRIMARY KEY)")
	w.exec(`BEGIN; INSERT INTO a VALUES (1); PREPARE TRANSACTION 'it''s mine'`)
	for i, sql := range []string{"ALTER TABLE a ADD COLUMN b int", "INSERT INTO a VALUES (1)"} {
		w.put(i+1, "a", sql)
		_, err := w.apply(func(o *Options) { o.LockBudget = time.Second })
		var spent *LockBudgetError
		if !errors.As(err, &spent) || len(spent.Blockers) != 1 || spent.Blockers[0].PID != 0 || spent.Blockers[0].Prepared != "it's mine" {
			t.Errorf("%s: got %v", sql, err)
		}
		if !strings.Contains(err.Error(), `prepared transaction 'it''s mine'`) || !strings.Contains(err.Error(), "ROLLBACK PREPARED") {
			t.Errorf("%s: got %v", sql, err)
		}
		w.remove(i+1, "a")
	}
	w.exec(`ROLLBACK PREPARED 'it''s mine'`)
	w.put(3, "a", "ALTER TABLE a ADD COLUMN b int")
	w.mustApply()
}

// slowly makes the autovacuum of a table take minutes.
const slowly = "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1"

const vacuumed = "SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND datname = current_database() AND query LIKE 'autovacuum: VACUUM% public.a%'"

func anAutovacuumIsCancelledWhereWished(t *testing.T, w *world) {
	w.exec("CREATE TABLE a (id int) WITH (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0, " + slowly + ")")
	w.exec("INSERT INTO a SELECT generate_series(1, 200000)")
	w.exec("DELETE FROM a WHERE id % 2 = 0")
	w.waitFor(vacuumed)
	w.put(1, "a", "ALTER TABLE a ADD COLUMN b int")
	_, err := w.apply(func(o *Options) { o.LockBudget = 500 * time.Millisecond })
	if err == nil || !strings.Contains(err.Error(), "--cancel-blockers autovacuum") {
		t.Errorf("got %v", err)
	}
	w.waitFor(vacuumed)
	rec := &recorder{}
	w.mustApply(patient, func(o *Options) { o.Observer = rec; o.CancelBlockers.Autovacuum = true })
	if ended := seen[BlockerEnded](rec); len(ended) == 0 || ended[0].Blocker.Kind != "autovacuum worker" || ended[0].Terminated {
		t.Errorf("ended %+v", ended)
	}
}

func aVacuumToPreventWraparoundIsLeftAlone(t *testing.T, w *world) {
	w.exec("CREATE TABLE a (id int) WITH (autovacuum_enabled = false, autovacuum_freeze_max_age = 100000, " + slowly + ")")
	w.exec("INSERT INTO a SELECT generate_series(1, 200000)")
	c := w.conn()
	if _, err := c.Exec(t.Context(), "DO $$ BEGIN FOR i IN 1..100200 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$"); err != nil {
		t.Fatal(err)
	}
	w.waitFor(vacuumed)
	w.put(1, "a", "ALTER TABLE a ADD COLUMN b int")
	rec := &recorder{}
	_, err := w.apply(func(o *Options) { o.Observer = rec; o.LockBudget = time.Second; o.CancelBlockers.Autovacuum = true })
	var spent *LockBudgetError
	if !errors.As(err, &spent) || len(spent.Blockers) != 1 || !spent.Blockers[0].Wraparound || len(seen[BlockerEnded](rec)) > 0 {
		t.Errorf("got %v, ended %+v", err, seen[BlockerEnded](rec))
	}
	if !strings.Contains(fmt.Sprint(err), "let the vacuum to prevent wraparound end") {
		t.Errorf("got %v", err)
	}
	w.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'")
}
