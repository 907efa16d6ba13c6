package evidence

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/inspect/shadow/server"
	"github.com/pleatdb/pleat/schema"
)

func TestMain(m *testing.M) {
	m.Run()
	if s, err := counting(); err == nil && s != nil {
		_ = s.Close()
	}
}

// begun is set once the counting server was asked for.
var begun atomic.Bool

// counting is a server that counts statements; nil where nobody asked for it.
var counting = sync.OnceValues(func() (*server.Server, error) {
	if !begun.Load() {
		return nil, nil
	}
	return startCounting(nil)
})

// startCounting starts a server with pg_stat_statements, of the major version that the other tests have.
func startCounting(settings map[string]string) (*server.Server, error) {
	all := map[string]string{"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track": "all", "pg_stat_statements.max": "50000"}
	maps.Copy(all, settings)
	o := server.Options{Settings: all}
	if text := os.Getenv("PLEAT_TEST_MAJOR"); text != "" {
		if _, err := fmt.Sscan(text, &o.Major); err != nil {
			return nil, fmt.Errorf("read PLEAT_TEST_MAJOR: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	return server.Start(ctx, o)
}

// world is a database in which statements are counted, and a directory of migrations for it.
type world struct {
	t    *testing.T
	url  string
	dir  string
	conn *pgx.Conn
}

var databases atomic.Int64

// newWorld is on the counting server. The test is skipped where the extension is absent.
func newWorld(t *testing.T) *world {
	t.Helper()
	begun.Store(true)
	s, err := counting()
	if err != nil {
		t.Skipf("no server that counts statements: %v", err)
	}
	return worldOn(t, s)
}

func worldOn(t *testing.T, s *server.Server) *world {
	t.Helper()
	pgtest.Server(t) // for the shadow
	name := fmt.Sprintf("counted_%d", databases.Add(1))
	if err := s.CreateDatabase(t.Context(), name, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.DropDatabase(context.Background(), name) })
	w := &world{t: t, url: s.URL(name), dir: t.TempDir()}
	w.conn = w.connect()
	if _, err := w.conn.Exec(t.Context(), "CREATE EXTENSION pg_stat_statements"); err != nil {
		t.Skipf("the extension is absent: %v", err)
	}
	w.exec(`CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, old text, amount int); INSERT INTO orders (old, amount) VALUES ('a', 1)`)
	return w
}

func (w *world) connect() *pgx.Conn {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.url)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// exec runs a script as old or new code, in a session of its own.
func (w *world) exec(sql string) {
	w.t.Helper()
	pgtest.Exec(w.t, w.url, sql)
}

const (
	expandVersion   = "20261120000001"
	contractVersion = "20261120000002"
)

// expandFile adds a column and keeps it in step with the old one, as a planned expand does.
const expandFile = `-- pleat: up
ALTER TABLE public.orders ADD COLUMN new text;
CREATE FUNCTION public.zzz_pleat_sync_orders_old() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$BEGIN
	IF NEW.old IS NOT NULL AND NEW.new IS NULL THEN
		NEW.new := NEW.old;
		PERFORM pleat.note_write('public.orders', 'old');
	END IF;
	RETURN NEW;
END$$;
CREATE TRIGGER zzz_pleat_sync_orders_old BEFORE INSERT OR UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.zzz_pleat_sync_orders_old();
UPDATE public.orders SET new = old;
-- pleat: down
DROP TRIGGER zzz_pleat_sync_orders_old ON public.orders;
DROP FUNCTION public.zzz_pleat_sync_orders_old();
ALTER TABLE public.orders DROP COLUMN new;
`

const contractHead = "-- pleat: contract of " + expandVersion + "\n-- pleat: up\n"

// contractFile renames first, as a planned contract does.
const contractFile = contractHead + `DROP TRIGGER zzz_pleat_sync_orders_old ON public.orders;
DROP FUNCTION public.zzz_pleat_sync_orders_old();
ALTER TABLE public.orders RENAME COLUMN old TO _drop_20261120_old;
`

func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
	if err := migration.Rehash(w.dir); err != nil {
		w.t.Fatal(err)
	}
}

// expanded applies the expand and leaves the contract pending.
func (w *world) expanded(contract string) {
	w.t.Helper()
	w.write(expandVersion+"_orders.expand.sql", expandFile)
	w.run(nil)
	w.write(contractVersion+"_orders.contract.sql", contract)
}

func (w *world) run(evidence func(context.Context, *migration.Migration) (*apply.Verdict, error), standbys ...Standby) *apply.Result {
	w.t.Helper()
	d, err := migration.ReadDir(w.dir)
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := apply.Run(w.t.Context(), apply.Options{
		Connect: func(ctx context.Context, _ string) (*pgx.Conn, error) { return pgx.Connect(ctx, w.url) },
		Inspect: func(ctx context.Context, conn *pgx.Conn) (*schema.Catalog, error) {
			return inspect.Inspect(ctx, conn, inspect.Options{})
		},
		Dir: d, Tool: "test", LockWait: time.Minute, Evidence: evidence,
		Count: func(ctx context.Context) (map[string]any, error) { return Count(ctx, w.connect(), standbys) },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// mark begins the count anew.
func (w *world) mark(standbys ...Standby) {
	w.t.Helper()
	detail, err := Count(w.t.Context(), w.conn, standbys)
	if err != nil {
		w.t.Fatal(err)
	}
	err = pgx.BeginFunc(w.t.Context(), w.conn, func(tx pgx.Tx) error {
		_, err := history.Open(w.conn).Append(w.t.Context(), tx, history.Event{Kind: history.EvidenceCounted, Run: "mark", Detail: detail})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// request is about the contract, with a window that does not matter.
func (w *world) request(change ...func(*Request)) Request {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, contractVersion+"_orders.contract.sql"))
	if err != nil {
		w.t.Fatal(err)
	}
	m, err := migration.Parse(contractVersion+"_orders.contract.sql", text)
	if err != nil {
		w.t.Fatal(err)
	}
	r := Request{
		Migration: m, Conn: w.conn, Now: time.Now(),
		Shadow: func(context.Context) (*shadow.Shadow, error) { return shadow.On(pgtest.Server(w.t)), nil },
	}
	for _, c := range change {
		c(&r)
	}
	return r
}

func (w *world) judge(change ...func(*Request)) *apply.Verdict {
	w.t.Helper()
	e, err := Collect(w.t.Context(), w.request(change...))
	if err != nil {
		w.t.Fatal(err)
	}
	if pgtest.Server(w.t).Major() == 13 {
		w.forgive(e)
	}
	return e.Judge()
}

// forgive takes away what PostgreSQL 13 always lacks, which must have been said, so that the rest can be looked at.
func (w *world) forgive(e *Evidence) {
	w.t.Helper()
	always := func(text string) bool {
		return strings.HasPrefix(text, "this version of pg_stat_statements does not tell")
	}
	if len(e.Missing) == 0 && len(e.Uses) == 0 {
		w.t.Error("evidence of PostgreSQL 13 is taken as whole")
	}
	e.Missing = slices.DeleteFunc(e.Missing, always)
}

// tellsAll skips a test where the server does not tell when entries were thrown out or reset.
func tellsAll(t *testing.T) {
	t.Helper()
	if pgtest.Server(t).Major() == 13 {
		t.Skip("PostgreSQL 13 does not tell when entries were thrown out or reset")
	}
}

// describe writes a verdict on a few lines, for comparing.
func describe(v *apply.Verdict) string {
	lines := []string{string(v.State)}
	for _, u := range v.Uses {
		lines = append(lines, fmt.Sprintf("%s: %s [%s] (%s)", u.Source, u.Query, u.Reason, u.Role))
	}
	for _, u := range v.Warnings {
		lines = append(lines, fmt.Sprintf("warning: %s: %s [%s]", u.Source, u.Query, u.Reason))
	}
	for _, m := range v.Missing {
		lines = append(lines, "missing: "+m)
	}
	return strings.Join(lines, "\n")
}

// want fails unless the verdict has the state and every one of the texts.
func want(t *testing.T, v *apply.Verdict, state apply.EvidenceState, texts ...string) {
	t.Helper()
	got := describe(v)
	if v.State != state {
		t.Errorf("the verdict is not %s:\n%s", state, got)
	}
	for _, text := range texts {
		if !strings.Contains(got, text) {
			t.Errorf("not in the verdict: %s\n%s", text, got)
		}
	}
}
