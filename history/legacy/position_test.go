package legacy_test

import (
	"context"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// tale is a small history made in a test, and what is to be read of it.
type tale struct {
	name, sql string
	want      legacy.Wanted
	// files is the directory; nil for none.
	files map[string]string
	// told is: the tool, its entries as "key name state file effect", "marker", "pending PATH", "problem CODE KEY".
	told string
}

// tell writes a history as tales have it.
func tell(h *legacy.History) string {
	out := []string{strings.TrimSpace(fmt.Sprintf("%s %s", h.Source.Tool, h.Source.Layout))}
	for _, e := range h.Entries {
		effect := "past"
		if e.InEffect {
			effect = "in"
		}
		name := e.Name
		if name == "" {
			name = "-"
		}
		out = append(out, fmt.Sprintf("%s %s %s %s %s", e.Key, name, e.State, e.File.State, effect))
	}
	for range h.Markers {
		out = append(out, "marker")
	}
	for _, f := range h.Pending {
		out = append(out, "pending "+f.Path)
	}
	for _, p := range h.Problems {
		out = append(out, strings.TrimSpace(fmt.Sprintf("problem %s %s", p.Code, p.Key)))
	}
	return strings.Join(out, "\n")
}

// hear runs a tale.
func hear(t *testing.T, tales []tale) {
	t.Helper()
	for _, tc := range tales {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, pgtest.URL(t))
			if err := load(conn, tc.sql); err != nil {
				t.Fatal(err)
			}
			dir := ""
			if tc.files != nil {
				dir = write(t, tc.files)
			}
			want := strings.ReplaceAll(strings.TrimSpace(tc.told), "\t", "")
			if diff := cmp.Diff(want, tell(adopt(t, conn, tc.want, dir))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// seen is what Find gives for a database that some SQL made: "tool schema.table layout project rows".
func seen(t *testing.T, sql string, tool legacy.Tool) (out []string) {
	t.Helper()
	ctx := context.Background()
	conn := dial(t, pgtest.URL(t))
	if err := load(conn, sql); err != nil {
		t.Fatal(err)
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	all, err := legacy.Find(ctx, tx, tool)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		out = append(out, strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s %d", s.Tool, &s, s.Layout, s.Project, s.Rows)), " "))
	}
	return out
}

const golangTable = "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);"

func TestGolangMigrate(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"db/0001_a.up.sql": "CREATE TABLE a (id int);", "db/0001_a.down.sql": "DROP TABLE a;", "db/2_b.c.up.sql": "CREATE TABLE b (id int);",
		"db/10_c.up.sql": "CREATE INDEX CONCURRENTLY c ON b (id); CREATE INDEX CONCURRENTLY d ON b (id);", "db/notes.md": "",
	}
	hear(t, []tale{
		{"all files up to the version", golangTable + "INSERT INTO schema_migrations VALUES (2, false)", legacy.Wanted{}, files,
			`golang-migrate
			1 a inferred unverifiable in
			2 b.c applied unverifiable in
			pending db/10_c.up.sql`},
		{"without a directory there is the version alone", golangTable + "INSERT INTO schema_migrations VALUES (2, false)", legacy.Wanted{}, nil,
			"golang-migrate\n2 - applied unverifiable in"},
		{"a version that no file has", golangTable + "INSERT INTO schema_migrations VALUES (7, false)", legacy.Wanted{}, files,
			`golang-migrate
			1 a inferred unverifiable in
			2 b.c inferred unverifiable in
			7 - applied unverifiable in
			pending db/10_c.up.sql
			problem unknown_revision 7`},
		{"one directory for each product", golangTable + "INSERT INTO schema_migrations VALUES (1, false)", legacy.Wanted{},
			map[string]string{"db/mysql/1_a.up.sql": "", "db/mysql/2_b.up.sql": "", "db/postgres/1_a.up.sql": "SELECT 1;", "db/sqlite3/1_a.up.sql": ""},
			"golang-migrate\n1 a applied unverifiable in"},
		{"dirty on the way up", golangTable + "INSERT INTO schema_migrations VALUES (10, true)", legacy.Wanted{}, files,
			`golang-migrate
			1 a inferred unverifiable in
			2 b.c inferred unverifiable in
			10 c failed unverifiable past
			pending db/10_c.up.sql
			problem dirty 10`},
		{"dirty before the first", golangTable + "INSERT INTO schema_migrations VALUES (-1, true)", legacy.Wanted{}, nil, "golang-migrate\nmarker\nproblem dirty -1"},
		{"two rows", golangTable + "INSERT INTO schema_migrations VALUES (1, false), (2, false)", legacy.Wanted{}, nil,
			`golang-migrate
			1 - applied unverifiable in
			2 - applied unverifiable in
			problem unreadable`},
		{"nothing ran", golangTable, legacy.Wanted{Tool: legacy.GolangMigrate}, files, "golang-migrate\npending db/0001_a.up.sql\npending db/2_b.c.up.sql\npending db/10_c.up.sql"},
		{"a row per version, as mattes/migrate had them", "CREATE TABLE schema_migrations (version int NOT NULL PRIMARY KEY); INSERT INTO schema_migrations VALUES (10), (1)", legacy.Wanted{}, files,
			`golang-migrate 1
			1 a applied unverifiable in
			10 c applied unverifiable in
			pending db/2_b.c.up.sql
			problem gap 2`},
		{"the first line's table with one row", "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY); INSERT INTO schema_migrations VALUES (10)", legacy.Wanted{}, files,
			`golang-migrate 1
			1 a inferred unverifiable in
			2 b.c inferred unverifiable in
			10 c applied unverifiable in`},
		{"other name and schema", `CREATE SCHEMA "te""nant"; CREATE TABLE "te""nant"."my $1 state" (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO "te""nant"."my $1 state" VALUES (1, false)`,
			legacy.Wanted{}, nil, "golang-migrate\n1 - applied unverifiable in"},
		{"its lock in a table", golangTable + "INSERT INTO schema_migrations VALUES (1, false); CREATE TABLE schema_lock (lock_id bigint PRIMARY KEY); INSERT INTO schema_lock VALUES (77)", legacy.Wanted{}, nil,
			"golang-migrate\n1 - applied unverifiable in\nproblem tool_running"},
		{"two files with one version, and one with a way back alone", golangTable + "INSERT INTO schema_migrations VALUES (3, false)", legacy.Wanted{},
			map[string]string{"1_a.up.sql": "SELECT 1", "01_b.up.sql": "SELECT 1", "3_c.down.sql": "SELECT 1", "deeper/1_x.up.sql": ""},
			`golang-migrate
			1 b inferred unverifiable in
			3 c applied unverifiable in
			problem duplicate_version 1`},
	})
}

// TestGolangMigrateLock takes the key as the tool makes it of a URL and of a connection's own name.
func TestGolangMigrateLock(t *testing.T) {
	t.Parallel()
	conn := dial(t, pgtest.URL(t))
	if err := load(conn, golangTable+"INSERT INTO schema_migrations VALUES (1, false)"); err != nil {
		t.Fatal(err)
	}
	other := dial(t, conn.Config().ConnString())
	ctx := context.Background()
	for name, key := range golangKeys(conn.Config().Database) {
		if _, err := other.Exec(ctx, "SELECT pg_advisory_lock($1)", key); err != nil {
			t.Fatal(err)
		}
		if h := adopt(t, conn, legacy.Wanted{}, ""); !slices.Equal(codes(h), []legacy.Code{legacy.ToolRunning}) {
			t.Errorf("%s: the lock %d is held: got %v", name, key, h.Problems)
		}
		if _, err := other.Exec(ctx, "SELECT pg_advisory_unlock($1)", key); err != nil {
			t.Fatal(err)
		}
	}
}

func TestGolangMigrateScripts(t *testing.T) {
	t.Parallel()
	conn := dial(t, pgtest.URL(t))
	if err := load(conn, golangTable); err != nil {
		t.Fatal(err)
	}
	h := adopt(t, conn, legacy.Wanted{Tool: legacy.GolangMigrate}, write(t, map[string]string{
		"1_a.up.sql": "CREATE TABLE a (id int); CREATE TABLE b (id int);", "1_a.down.sql": "DROP TABLE a;",
		"2_b.up.sql": "CREATE INDEX CONCURRENTLY c ON b (id); CREATE INDEX CONCURRENTLY d ON b (id);", "2_b.down.sql": "-- nothing\n",
	}))
	first, second := h.Files[0].SQL, h.Files[1].SQL
	if len(first.Up.Units) != 1 || !first.Up.Units[0].OneMessage || !first.HasDown || !slices.Equal(h.Files[0].Others, []string{"1_a.down.sql"}) {
		t.Errorf("a file is one message, with its way back: %+v", h.Files[0])
	}
	if !slices.ContainsFunc(h.Notes, func(n string) bool {
		return strings.Contains(n, "2_b.up.sql") && strings.Contains(n, "x-multi-statement")
	}) {
		t.Errorf("that is not said: %v", h.Notes)
	}
	if len(second.Up.Units) != 2 || second.Up.Units[0].OneMessage || second.HasDown {
		t.Errorf("what the server refuses in a transaction was sent by itself: %+v", second)
	}
}

func TestTern(t *testing.T) {
	t.Parallel()
	const table = "CREATE TABLE schema_version (version int4 NOT NULL);"
	files := map[string]string{
		"001_a.sql": "CREATE TABLE a (id int);\n---- create above / drop below ----\nDROP TABLE a;\n", "002_b.sql": "{{ template \"shared/x.sql\" . }}",
		"003_c.sql": "SELECT 1;", "shared/004_x.sql": "SELECT 2;", "tern.conf": "",
	}
	hear(t, []tale{
		{"the files up to the count", table + "INSERT INTO schema_version VALUES (1)", legacy.Wanted{}, files,
			`tern
			1 a applied unverifiable in
			pending 002_b.sql
			pending 003_c.sql
			problem pending_code 2`},
		{"nothing ran", table + "INSERT INTO schema_version VALUES (0)", legacy.Wanted{}, map[string]string{"1_a.sql": "SELECT 1"}, "tern\nmarker\npending 1_a.sql"},
		{"a number is missing", table + "INSERT INTO schema_version VALUES (5)", legacy.Wanted{}, map[string]string{"1_a.sql": "", "4_b.sql": "", "5_c.sql": ""},
			`tern
			1 a inferred unverifiable in
			4 b inferred unverifiable in
			5 c applied unverifiable in
			problem missing_file 2`},
		{"further than the files", table + "INSERT INTO schema_version VALUES (2147483647)", legacy.Wanted{}, map[string]string{"1_a.sql": ""},
			`tern
			1 a inferred unverifiable in
			2147483647 - applied unverifiable in
			problem unknown_revision 2147483647`},
		{"renamed, and its name says so", "CREATE SCHEMA ops; CREATE TABLE ops.tern_version (version int4 PRIMARY KEY); INSERT INTO ops.tern_version VALUES (2)", legacy.Wanted{}, nil, "tern\n2 - applied unverifiable in"},
		{"by name and tool where it is called otherwise", "CREATE TABLE t (version int4); INSERT INTO t VALUES (2)", legacy.Wanted{Tool: legacy.Tern, Table: "t"}, nil, "tern\n2 - applied unverifiable in"},
	})
	for _, sql := range []string{
		"CREATE TABLE settings (version int NOT NULL); INSERT INTO settings VALUES (3)",
		table + "INSERT INTO schema_version VALUES (1), (2)",
		"CREATE TABLE schema_version (version int4 NOT NULL, at timestamptz); INSERT INTO schema_version VALUES (3)",
	} {
		if got := seen(t, sql, ""); len(got) > 0 {
			t.Errorf("%s: found %v", sql, got)
		}
	}
}

// golangKeys are the keys that golang-migrate would take for schema_migrations in public: made of a URL, and of a connection.
func golangKeys(database string) map[string]int64 {
	sum := func(text string) int64 {
		return int64(uint64(crc32.ChecksumIEEE([]byte(text))) * 1486364155 % (1 << 32))
	}
	return map[string]int64{"url": sum("public\x00schema_migrations\x00/" + database), "connection": sum("public\x00schema_migrations\x00" + database)}
}
