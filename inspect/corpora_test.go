package inspect_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func inspectURL(t testing.TB, url string, opt inspect.Options) *schema.Catalog {
	t.Helper()
	catalog, err := inspect.Inspect(t.Context(), connect(t, url), opt)
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// TestCorpora reads schemas that nobody here wrote, twice, and wants every object of pg_dump to be there.
func TestCorpora(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(pgtest.Corpora(t, "schemas"), "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			url := pgtest.URL(t)
			if roles, err := os.ReadFile(filepath.Join(dir, "roles.sql")); err == nil {
				pgtest.Exec(t, url, string(roles))
			}
			script, err := os.ReadFile(filepath.Join(dir, "schema.sql"))
			if err != nil {
				t.Skip(err)
			}
			loadScript(t, url, string(script))
			t.Cleanup(func() { dropSubscriptions(t, url) })
			first := inspectURL(t, url, inspect.Options{})
			second := inspectURL(t, url, inspect.Options{})
			if first.Fingerprint() != second.Fingerprint() {
				t.Error("two readings differ")
			}
			checkEdges(t, first)
			checkDump(t, first, pgtest.Dump(t, url))
		})
	}
}

// dropSubscriptions takes away what would keep the database from being dropped.
func dropSubscriptions(t *testing.T, url string) {
	pgtest.Exec(t, url, `DO $$
		DECLARE sub name;
		BEGIN
			FOR sub IN SELECT subname FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) LOOP
				EXECUTE format('ALTER SUBSCRIPTION %I DISABLE', sub);
				EXECUTE format('ALTER SUBSCRIPTION %I SET (slot_name = NONE)', sub);
				EXECUTE format('DROP SUBSCRIPTION %I', sub);
			END LOOP;
		END $$`)
}

// loadScript runs a script that pg_dump of PostgreSQL 15 wrote. Other servers need not understand it.
func loadScript(t *testing.T, url, script string) {
	t.Helper()
	major := pgtest.Server(t).Major()
	if major == 15 {
		pgtest.Exec(t, url, script)
		return
	}
	conn := connect(t, url)
	if _, err := conn.PgConn().Exec(t.Context(), script).ReadAll(); err != nil {
		t.Skipf("PostgreSQL %d does not take the script: %v", major, err)
	}
}

// checkEdges wants both ends of every dependency in the catalog.
func checkEdges(t *testing.T, catalog *schema.Catalog) {
	t.Helper()
	for to, froms := range catalog.Dependents() {
		for _, from := range froms {
			if !catalog.Has(from) || !catalog.Has(to) {
				t.Errorf("dependency of what is not there: %s -> %s", from, to)
			}
		}
	}
}
