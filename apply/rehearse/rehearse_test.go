package rehearse

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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

func TestMain(m *testing.M) { pgtest.Main(m) }

// opener connects to one database.
func opener(url string) func(context.Context, string) (*pgx.Conn, error) {
	return func(ctx context.Context, _ string) (*pgx.Conn, error) { return pgx.Connect(ctx, url) }
}

// shelf writes a directory of migrations.
func shelf(t *testing.T, files map[string]string) *migration.Dir {
	t.Helper()
	path := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(path, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := migration.Rehash(path); err != nil {
		t.Fatal(err)
	}
	d, err := migration.ReadDir(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// options rehearse the directory on a copy of the database at url.
func options(t *testing.T, url string, d *migration.Dir) Options {
	t.Helper()
	test := pgtest.Server(t)
	return Options{
		Connect: opener(url), Dir: d, Rows: 50,
		Inspect: func(ctx context.Context, conn *pgx.Conn) (*schema.Catalog, error) {
			return inspect.Inspect(ctx, conn, inspect.Options{})
		},
		Shadow: func(ctx context.Context, major int) (*shadow.Shadow, error) {
			return shadow.Open(ctx, server.Options{Want: test.URL(""), Major: major})
		},
	}
}

func rehearse(t *testing.T, o Options) *Result {
	t.Helper()
	r, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustPass(t *testing.T, r *Result) {
	t.Helper()
	for _, reason := range r.Reasons {
		t.Errorf("%+v", reason)
	}
}

// splitFiles are an expand with a step in batches, a later file, and the contract.
var splitFiles = map[string]string{
	"20260101000000_rename.expand.sql": `-- pleat: step 1 a new column
ALTER TABLE "t""1" ADD COLUMN full_name text;
-- pleat: step 2 fill it
-- pleat: batch table="t""1" size=100
UPDATE "t""1" SET full_name = name WHERE full_name IS NULL;
-- pleat: step 3 index it
-- pleat: no transaction
CREATE INDEX CONCURRENTLY by_full_name ON "t""1" (full_name);
-- pleat: down
-- pleat: undo 3
DROP INDEX CONCURRENTLY by_full_name;
-- pleat: undo 1 loses the full names
ALTER TABLE "t""1" DROP COLUMN full_name;
`,
	"20260101000001_rename.contract.sql": `-- pleat: contract of 20260101000000
ALTER TABLE "t""1" RENAME COLUMN name TO _drop_20260101_name;
-- pleat: down
ALTER TABLE "t""1" RENAME COLUMN _drop_20260101_name TO name;
`,
	"20260102000000_beside.sql": `CREATE TABLE beside (id int PRIMARY KEY);
-- pleat: down
DROP TABLE beside;
`,
}

const splitBase = `CREATE TABLE "t""1" (id int PRIMARY KEY, name text); INSERT INTO "t""1" SELECT i, 'canary' || i FROM generate_series(1, 300) AS i`

func TestExpandAndContract(t *testing.T) {
	for _, source := range []Source{Generate, Sample, None} {
		t.Run(string(source), func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, splitBase)
			o := options(t, url, shelf(t, splitFiles))
			o.Source = source
			r := rehearse(t, o)
			mustPass(t, r)
			if len(r.Files) != 3 {
				t.Fatalf("%d files were rehearsed, want 3", len(r.Files))
			}
			for _, f := range r.Files {
				if !slices.Equal(f.Passages, []Passage{Up, Down, Again}) {
					t.Errorf("%s went %v", f.Migration.File(), f.Passages)
				}
			}
			if s := r.Files[0].Steps[1]; !s.Batched || s.Number != 2 {
				t.Errorf("the second step is %+v", s)
			}
			for _, n := range r.Notes {
				if strings.Contains(n, "the copy") {
					t.Errorf("note: %s", n)
				}
				if strings.Contains(n, "canary") {
					t.Errorf("a value of a row is in a note: %s", n)
				}
			}
			conn, err := pgx.Connect(context.Background(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(context.Background())
			if exists, err := history.Open(conn).Exists(context.Background()); err != nil || exists {
				t.Errorf("the target was changed: history %t, %v", exists, err)
			}
		})
	}
}

// TestAfterExpand rehearses what is left when the target has the expand already: the history decides.
func TestAfterExpand(t *testing.T) {
	ctx := context.Background()
	url := pgtest.URL(t)
	pgtest.Exec(t, url, splitBase)
	d := shelf(t, splitFiles)
	o := options(t, url, d)
	_, err := apply.Run(ctx, apply.Options{Connect: o.Connect, Inspect: o.Inspect, Dir: d, To: "20260101000000"})
	if err != nil {
		t.Fatal(err)
	}
	r := rehearse(t, o)
	mustPass(t, r)
	if len(r.Files) != 2 || r.Files[0].Migration.Phase != migration.Contract {
		t.Fatalf("rehearsed %d files", len(r.Files))
	}
	known := func(version string) bool { return version == "20260101000001" }
	names, err := Attach(d, r, known)
	if err != nil || !slices.Equal(names, []string{"20260102000000_beside.sql"}) {
		t.Fatalf("attached to %v, %v", names, err)
	}
	after, err := migration.ReadDir(d.Path)
	if err != nil || after.Validate() != nil {
		t.Fatal(err, after.Validate())
	}
	m, err := after.File("20260102000000").Parse()
	if err != nil || !strings.Contains(m.Rehearsed, "with 50 rows a table: 1 step, ") {
		t.Errorf("the head says %q, %v", m.Rehearsed, err)
	}
	if after.File("20260101000001").Checksum != d.File("20260101000001").Checksum {
		t.Error("a file that the log knows was changed")
	}
	o.Contract = apply.Gated
	o.Dir = after
	if r := rehearse(t, o); len(r.Files) != 1 || len(r.Notes) == 0 {
		t.Errorf("with gated contracts %d files were rehearsed", len(r.Files))
	}
}

func TestClone(t *testing.T) {
	ctx := context.Background()
	url, clone := pgtest.URL(t), pgtest.URL(t)
	for _, u := range []string{url, clone} {
		pgtest.Exec(t, u, splitBase)
	}
	o := options(t, url, shelf(t, splitFiles))
	o.Clone = opener(url)
	if _, err := Run(ctx, o); err == nil || !strings.Contains(err.Error(), "the target itself") {
		t.Errorf("the target was taken as its own clone: %v", err)
	}
	o.Clone = opener(clone)
	r := rehearse(t, o)
	mustPass(t, r)
	if r.Source != Clone || len(r.Tables) != 0 {
		t.Errorf("source %s, %d tables", r.Source, len(r.Tables))
	}
}

func TestFailures(t *testing.T) {
	base := `CREATE TABLE p (id int PRIMARY KEY, secret text); CREATE TABLE c (id int PRIMARY KEY, p_id int REFERENCES p ON DELETE CASCADE);
		INSERT INTO p SELECT i, 'canary' || i FROM generate_series(1, 20) AS i; INSERT INTO c SELECT i, i FROM generate_series(1, 20) AS i;
		CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE public.c SET p_id = NULL; RETURN NEW; END'`
	for name, c := range map[string]struct{ text, code, message string }{
		"a cast that refuses a value": {"ALTER TABLE p ALTER secret TYPE int USING secret::int;", "up", "invalid input syntax for type integer (SQLSTATE 22P02)"},
		"a way back that fails":       {"ALTER TABLE p ADD a int;\n-- pleat: down\nALTER TABLE p DROP nothing;", "down", "does not exist"},
		"a second way up that fails": {
			"CREATE SEQUENCE IF NOT EXISTS s; ALTER TABLE p ADD a int DEFAULT 1 CHECK (nextval('s') < 25);\n-- pleat: down\nALTER TABLE p DROP a;", "state", "sequence public.s is left over",
		},
		"values that a trigger changes": {
			"CREATE TRIGGER stamp AFTER UPDATE ON p FOR EACH STATEMENT EXECUTE FUNCTION stamp(); UPDATE p SET secret = secret || 'x';", "rows", "values of public.c.p_id",
		},
		"syntax that the target refuses": {"-- pleat: step 1 x\n-- pleat: check c\nSELECT 1/0;\nSELECT 1;", "target", "division by zero"},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			pgtest.Exec(t, url, base)
			o := options(t, url, shelf(t, map[string]string{"20260101000000_x.sql": c.text + "\n"}))
			o.Source = Sample
			r := rehearse(t, o)
			found := slices.ContainsFunc(r.Reasons, func(x Reason) bool { return x.Code == c.code && strings.Contains(x.Message, c.message) })
			if !found {
				t.Errorf("reasons %+v, notes %v; want %s: %s", r.Reasons, r.Notes, c.code, c.message)
			}
			for _, reason := range r.Reasons {
				if strings.Contains(reason.Message, "canary") {
					t.Errorf("a value of a row is in a reason: %s", reason.Message)
				}
			}
			if names, err := Attach(o.Dir, r, func(string) bool { return false }); err != nil || names != nil {
				t.Errorf("a failed rehearsal was attached: %v, %v", names, err)
			}
		})
	}
}

// TestUnlikeCopy has an object that pleat cannot model: it is named.
func TestUnlikeCopy(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, "CREATE AGGREGATE public.total (int) (SFUNC = int4pl, STYPE = int); CREATE TABLE a (id int)")
	o := options(t, url, shelf(t, map[string]string{"20260101000000_x.sql": "ALTER TABLE a ADD b int;\n-- pleat: down\nALTER TABLE a DROP b;\n"}))
	o.Source = None
	r := rehearse(t, o)
	mustPass(t, r)
	if !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "the copy is without") && strings.Contains(n, "total") }) {
		t.Errorf("notes %v", r.Notes)
	}
}

func TestGeneratedNullsFollowStatistics(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TABLE a (id int PRIMARY KEY, never text, often text);
		INSERT INTO a SELECT i, 'x', CASE WHEN i % 4 > 0 THEN 'x' END FROM generate_series(1, 400) AS i; ANALYZE a`)
	for column, want := range map[string]bool{"never": true, "often": false} {
		o := options(t, url, shelf(t, map[string]string{"20260101000000_x.sql": "ALTER TABLE a ALTER " + column + " SET NOT NULL;\n"}))
		if r := rehearse(t, o); r.Passed() != want {
			t.Errorf("SET NOT NULL of the column that is %s NULL: passed %t, %+v", column, r.Passed(), r.Reasons)
		}
	}
}
