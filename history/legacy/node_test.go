package legacy_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/schema"
)

// lines are the entries as golden lists have them.
func lines(h *legacy.History) (out []string) {
	for i := range h.Entries {
		out = append(out, line(&h.Entries[i]))
	}
	return out
}

// same compares lines.
func same(t *testing.T, what string, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s differ (-want +got):\n%s", what, diff)
	}
}

// pending are the paths of what has not run.
func pending(h *legacy.History) (out []string) {
	for _, f := range h.Pending {
		out = append(out, f.Path)
	}
	return out
}

// problems are codes with keys.
func problems(h *legacy.History) (out []string) {
	for _, p := range h.Problems {
		out = append(out, strings.TrimSpace(string(p.Code)+" "+p.Key))
	}
	return out
}

const knexTables = "CREATE TABLE %s (id serial PRIMARY KEY, name varchar(255), batch integer, migration_time timestamptz);" +
	"CREATE TABLE %s_lock (index serial PRIMARY KEY, is_locked integer)"

func knexAs(name string) string { return strings.ReplaceAll(knexTables, "%s", name) }

func TestKnexEndings(t *testing.T) {
	t.Parallel()
	conn := made(t, knexAs("my_history"), "INSERT INTO my_history VALUES (2, '20240202_b.js', 1, '2024-02-02 10:00+02'), (1, '001_a.js', 1, '2024-02-02 10:00+02'), (3, 'gone.mjs', 2, NULL)",
		"INSERT INTO my_history_lock VALUES (1, 0)")
	dir := write(t, map[string]string{
		"knexfile.js": "", "src/migrations/001_a.ts": "1", "src/migrations/20240202_b.ts": "2", "src/migrations/20240303_c.ts": "3", "src/migrations/index.ts": "",
		"src/migrations/types.d.ts": "", "dist/migrations/001_a.js": "1", "dist/migrations/20240202_b.js": "2", "dist/migrations/20240303_c.js": "3", "seeds/20240404_rows.js": "",
	})
	h := adopt(t, conn, legacy.Wanted{}, dir)
	same(t, "entries", []string{
		"1 | 001_a | 001 | a | 2024-02-02T08:00:00Z | - | - | - | applied | unverifiable | src/migrations/001_a.ts | in",
		"2 | 20240202_b | 20240202 | b | 2024-02-02T08:00:00Z | - | - | - | applied | unverifiable | src/migrations/20240202_b.ts | in",
		"3 | gone | - | gone | - | - | - | - | applied | missing | - | in",
	}, lines(h))
	same(t, "problems", []string{"missing_file gone", "pending_code 20240303_c"}, problems(h))
	same(t, "pending", []string{"src/migrations/20240303_c.ts"}, pending(h))
	if note := h.Entries[0].Note; !strings.Contains(note, "recorded as 001_a.js, and the file is 001_a.ts") {
		t.Errorf("note: %q", note)
	}
}

func TestKnexLocks(t *testing.T) {
	t.Parallel()
	conn := made(t, knexAs("knex_migrations"), "INSERT INTO knex_migrations_lock VALUES (1, 1)", "INSERT INTO knex_migrations VALUES (1, 'a.js', 1, now())")
	h := adopt(t, conn, legacy.Wanted{}, "")
	same(t, "problems", []string{"tool_running"}, problems(h))
	if next := h.Problems[0].Next; !strings.Contains(next, "knex migrate:unlock") {
		t.Errorf("next: %q", next)
	}
	ctx := context.Background()
	if _, err := conn.Exec(ctx, "UPDATE knex_migrations_lock SET is_locked = 0"); err != nil {
		t.Fatal(err)
	}
	if h := adopt(t, conn, legacy.Wanted{}, ""); len(h.Problems) > 0 {
		t.Errorf("problems after the release: %v", h.Problems)
	}
	// Knex takes its lock within the transaction of its migrations: others see the old row.
	other := dial(t, conn.Config().ConnString())
	tx, err := other.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if _, err := tx.Exec(ctx, "UPDATE knex_migrations_lock SET is_locked = 1 WHERE is_locked = 0"); err != nil {
		t.Fatal(err)
	}
	same(t, "problems", []string{"tool_running"}, problems(adopt(t, conn, legacy.Wanted{}, "")))
}

func TestKysely(t *testing.T) {
	t.Parallel()
	conn := made(t, "CREATE TABLE kysely_migration (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL)",
		"CREATE TABLE kysely_migration_lock (id varchar(255) PRIMARY KEY, is_locked integer NOT NULL DEFAULT 0)", "INSERT INTO kysely_migration_lock VALUES ('migration_lock', 0)",
		"INSERT INTO kysely_migration VALUES ('2024-02-02_orders', '2024-03-01T10:00:00.250Z'), ('init', '2024-03-01T10:00:00.250Z'), ('2024-01-01_users', '2024-02-01T10:00:00.000Z')")
	dir := write(t, map[string]string{
		"migrations/init.ts": "1", "migrations/2024-01-01_users.ts": "2", "migrations/2024-02-02_orders.mts": "3", "migrations/2024-03-03_status.ts": "4", "migrations/init.d.ts": "",
	})
	h := adopt(t, conn, legacy.Wanted{}, dir)
	same(t, "entries", []string{
		"1 | 2024-01-01_users | 2024-01-01 | users | 2024-02-01T10:00:00Z | - | - | - | applied | unverifiable | migrations/2024-01-01_users.ts | in",
		"2 | 2024-02-02_orders | 2024-02-02 | orders | 2024-03-01T10:00:00.25Z | - | - | - | applied | unverifiable | migrations/2024-02-02_orders.mts | in",
		"3 | init | - | init | 2024-03-01T10:00:00.25Z | - | - | - | applied | unverifiable | migrations/init.ts | in",
	}, lines(h))
	same(t, "problems", []string{"gap 2024-03-03_status", "pending_code 2024-03-03_status"}, problems(h))
	ctx := context.Background()
	other := dial(t, conn.Config().ConnString())
	if _, err := other.Exec(ctx, "SELECT pg_advisory_lock(3853314791062309107)"); err != nil {
		t.Fatal(err)
	}
	if h := adopt(t, conn, legacy.Wanted{}, ""); !slices.Equal(problems(h), []string{"tool_running"}) || len(h.Entries) > 0 {
		t.Errorf("under its lock: %v, %d entries", h.Problems, len(h.Entries))
	}
}

func TestKyselyRenamed(t *testing.T) {
	t.Parallel()
	conn := made(t, "CREATE TABLE steps (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL)", "CREATE TABLE steps_lock (id varchar(255) PRIMARY KEY, is_locked integer NOT NULL)",
		"INSERT INTO steps VALUES ('001_a', '2024-03-01T10:00:00.250Z'); INSERT INTO steps_lock VALUES ('migration_lock', 1)")
	h := adopt(t, conn, legacy.Wanted{}, "")
	if h.Source.Tool != legacy.Kysely || !slices.Equal(problems(h), []string{"tool_running"}) {
		t.Errorf("got %v with %v", h.Source, h.Problems)
	}
}

func TestTypeORM(t *testing.T) {
	t.Parallel()
	conn := made(t, `CREATE SCHEMA tenant; CREATE TABLE tenant."typeorm history" (id serial PRIMARY KEY, "timestamp" bigint NOT NULL, name varchar NOT NULL)`,
		`INSERT INTO tenant."typeorm history" VALUES (1, 1706866200000, 'Orders1706866200000'), (2, 1704110400000, 'users1704110400000'), (3, 1709478000000, 'Named1709478000000'), (4, 1700000000000, 'Gone1700000000000')`)
	dir := write(t, map[string]string{
		"src/db/migrations/1706866200000-Orders.ts": "export class Orders1706866200000 implements MigrationInterface {}",
		"src/db/migrations/1704110400000-users.ts":  "export class users1704110400000 implements MigrationInterface {}",
		"src/db/migrations/other.ts":                "export class X implements MigrationInterface { name = 'Named1709478000000' }",
		"dist/db/migrations/other.js":               "class X { constructor() { this.name = 'Named1709478000000'; } }",
		"src/db/migrations/1710000000000-Next.ts":   "export class Next1710000000000 implements MigrationInterface {}",
		"src/data-source.ts":                        "", "src/entities/1704110400000.json": "",
	})
	h := adopt(t, conn, legacy.Wanted{}, dir)
	same(t, "entries", []string{
		"1 | Orders1706866200000 | 1706866200000 | Orders | - | - | - | - | applied | unverifiable | src/db/migrations/1706866200000-Orders.ts | in",
		"2 | users1704110400000 | 1704110400000 | users | - | - | - | - | applied | unverifiable | src/db/migrations/1704110400000-users.ts | in",
		"3 | Named1709478000000 | 1709478000000 | Named | - | - | - | - | applied | unverifiable | src/db/migrations/other.ts | in",
		"4 | Gone1700000000000 | 1700000000000 | Gone | - | - | - | - | applied | missing | - | in",
	}, lines(h))
	same(t, "problems", []string{"missing_file Gone1700000000000", "pending_code Next1710000000000"}, problems(h))
}

func TestSequelizeLayouts(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"plain":      `CREATE TABLE "SequelizeMeta" (name varchar(255) NOT NULL UNIQUE PRIMARY KEY); INSERT INTO "SequelizeMeta" VALUES ('b.js'), ('20240101120000-a.js')`,
		"timestamps": `CREATE TABLE "SequelizeMeta" (name varchar(255) PRIMARY KEY, "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NOT NULL); INSERT INTO "SequelizeMeta" VALUES ('b.js', '2024-01-02Z', now()), ('20240101120000-a.js', '2024-01-02Z', now())`,
		"id":         `CREATE TABLE "SequelizeMeta" (id serial, "createdAt" timestamptz, "updatedAt" timestamptz, name text); INSERT INTO "SequelizeMeta" VALUES (1, '2024-01-02Z', now(), 'b.js'), (2, '2024-01-02Z', now(), '20240101120000-a.js')`,
		"renamed":    `CREATE TABLE tasks (filename text PRIMARY KEY); INSERT INTO tasks VALUES ('20240202120000-b.js'), ('20240101120000-a.js')`,
		"numbered":   `CREATE TABLE done_things (name varchar(255) PRIMARY KEY, "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NOT NULL); INSERT INTO done_things VALUES ('02-b.js', '2024-01-02Z', now()), ('01-a.js', '2024-01-02Z', now())`,
		"umzug":      `CREATE TABLE umzug_meta (name varchar(255) PRIMARY KEY); INSERT INTO umzug_meta VALUES ('2024.02.02T12.00.00.b.ts'), ('2024.01.01T12.00.00.a.ts')`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := made(t, sql, `CREATE TABLE "SequelizeData" (name varchar(255) PRIMARY KEY); INSERT INTO "SequelizeData" VALUES ('20240101120000-rows.js')`)
			h := adopt(t, conn, legacy.Wanted{}, "")
			if h.Source.Tool != legacy.Sequelize || len(h.Entries) != 2 || h.Entries[0].Name != "a" || h.Entries[1].Name != "b" || len(h.Problems) > 0 {
				t.Errorf("got %v: %v, problems %v", h.Source, lines(h), h.Problems)
			}
			if dated := !h.Entries[0].AppliedAt.IsZero(); dated != slices.Contains([]string{"timestamps", "id", "numbered"}, name) {
				t.Errorf("applied at %v", h.Entries[0].AppliedAt)
			}
		})
	}
	conn := made(t, `CREATE TABLE "SequelizeMeta" (id serial, "from" bigint, "to" bigint); INSERT INTO "SequelizeMeta" VALUES (1, 0, 20130101)`)
	same(t, "problems of ranges", []string{"unreadable"}, problems(adopt(t, conn, legacy.Wanted{}, "")))
}

func TestUmzugSQL(t *testing.T) {
	t.Parallel()
	conn := made(t, `CREATE TABLE "SequelizeMeta" (name varchar(255) PRIMARY KEY); INSERT INTO "SequelizeMeta" VALUES ('2024.01.01T12.00.00.a.sql')`)
	dir := write(t, map[string]string{
		"migrations/2024.01.01T12.00.00.a.sql": "CREATE TABLE a ();", "migrations/down/2024.01.01T12.00.00.a.sql": "DROP TABLE a;",
		"migrations/2024.02.02T12.00.00.b.sql": "CREATE TABLE b (); CREATE TABLE c ();", "migrate.js": "", "seeders/2024.03.03T12.00.00.rows.sql": "",
	})
	h := adopt(t, conn, legacy.Wanted{}, dir)
	same(t, "problems", nil, problems(h))
	same(t, "pending", []string{"migrations/2024.02.02T12.00.00.b.sql"}, pending(h))
	f := h.File("2024.01.01T12.00.00.a")
	if f == nil || !f.SQL.HasDown || f.Others[0] != "migrations/down/2024.01.01T12.00.00.a.sql" || f.Version != "2024.01.01T12.00.00" || f.Name != "a" {
		t.Errorf("file: %+v", f)
	}
	if got := len(h.Pending[0].SQL.Up.Statements()); got != 2 {
		t.Errorf("pending statements: %d", got)
	}
}

func TestMikroORM(t *testing.T) {
	t.Parallel()
	conn := made(t, "CREATE TABLE done (id serial PRIMARY KEY, name varchar(255), executed_at timestamptz(0) DEFAULT now())",
		"INSERT INTO done VALUES (2, 'Migration20240202093000', '2024-05-05Z'), (1, 'Migration20240101120000_users.js', '2024-05-05Z')")
	dir := write(t, map[string]string{"src/migrations/Migration20240101120000_users.ts": "1", "src/migrations/Migration20240202093000.ts": "2", "src/migrations/.snapshot-shop.json": "{}", "dist/migrations/Migration20240202093000.js": "2"})
	h := adopt(t, conn, legacy.Wanted{}, dir)
	same(t, "entries", []string{
		"1 | Migration20240101120000_users | 20240101120000 | users | 2024-05-05T00:00:00Z | - | - | - | applied | unverifiable | src/migrations/Migration20240101120000_users.ts | in",
		"2 | Migration20240202093000 | 20240202093000 | - | 2024-05-05T00:00:00Z | - | - | - | applied | unverifiable | src/migrations/Migration20240202093000.ts | in",
	}, lines(h))
	same(t, "problems", nil, problems(h))
}

func TestNodePgMigrate(t *testing.T) {
	t.Parallel()
	conn := made(t, "CREATE TABLE progress (id integer, name varchar(255) NOT NULL, run_on timestamp NOT NULL)",
		"INSERT INTO progress VALUES (3, '1706866200000_pair', '2024-05-05'), (2, '1704110400000_marked', '2024-05-05'), (1, '20240303150000123_utc', '2024-05-06')")
	dir := write(t, map[string]string{
		"migrations/1704110400000_marked.sql":    "-- Up Migration\nCREATE TABLE a ();\n-- Down Migration\nDROP TABLE a;\n",
		"migrations/1706866200000_pair.up.sql":   "CREATE TABLE b ();",
		"migrations/1706866200000_pair.down.sql": "DROP TABLE b;",
		"migrations/20240303150000123_utc.ts":    "",
		"migrations/1709479000000_next.sql":      "CREATE TABLE c ();",
	})
	h := adopt(t, conn, legacy.Wanted{}, dir)
	same(t, "entries", []string{
		"1 | 1704110400000_marked | 1704110400000 | marked | 2024-05-05T00:00:00 | - | - | - | applied | unverifiable | migrations/1704110400000_marked.sql | in",
		"2 | 1706866200000_pair | 1706866200000 | pair | 2024-05-05T00:00:00 | - | - | - | applied | unverifiable | migrations/1706866200000_pair.up.sql | in",
		"3 | 20240303150000123_utc | 20240303150000123 | utc | 2024-05-06T00:00:00 | - | - | - | applied | unverifiable | migrations/20240303150000123_utc.ts | in",
	}, lines(h))
	same(t, "pending", []string{"migrations/1709479000000_next.sql"}, pending(h))
	for _, key := range []string{"1704110400000_marked", "1706866200000_pair"} {
		f := h.File(key)
		up, down := f.SQL.Up.Statements(), f.SQL.Down.Statements()
		if len(up) != 1 || len(down) != 1 || !f.SQL.HasDown || !f.SQL.Up.Units[0].Transactional {
			t.Fatalf("%s: up %v, down %v", key, up, down)
		}
		if key == "1704110400000_marked" && (up[0].Line != 2 || down[0].Line != 4 || !strings.HasPrefix(up[0].SQL, "CREATE")) {
			t.Errorf("%s: up %+v, down %+v", key, up[0], down[0])
		}
	}
	same(t, "problems", nil, problems(h))
}

// TestNodePgMigrateUnpaired has a directory that was read by the tool's older rule, by which .up.sql is a migration of its own.
func TestNodePgMigrateUnpaired(t *testing.T) {
	t.Parallel()
	conn := made(t, "CREATE TABLE pgmigrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)", "INSERT INTO pgmigrations VALUES (1, '1_a.up', now())")
	h := adopt(t, conn, legacy.Wanted{}, write(t, map[string]string{"1_a.up.sql": "CREATE TABLE a ();"}))
	same(t, "problems", nil, problems(h))
	if h.Entries[0].File.Path != "1_a.up.sql" {
		t.Errorf("file: %+v", h.Entries[0].File)
	}
}

func TestDBMigrate(t *testing.T) {
	t.Parallel()
	generated := "exports.up = function(db) { var filePath = path.join(__dirname, 'sqls', '20240101120000-users-up.sql'); return new Promise(read).then(function(data) { return db.runSql(data); }); };"
	conn := made(t, "CREATE TABLE migrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)",
		"INSERT INTO migrations VALUES (1, '/20240101120000-users', '2024-05-05'), (2, '/20240202093000-orders', '2024-05-05'), (3, 'tenant/20240303150000-status', '2024-05-06')",
		"CREATE TABLE seeds (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL); INSERT INTO seeds VALUES (1, '/20240101120000-rows', now())")
	dir := write(t, map[string]string{
		"database.json": "{}", "migrations/20240101120000-users.js": generated, "migrations/sqls/20240101120000-users-up.sql": "CREATE TABLE users ();", "migrations/sqls/20240101120000-users-down.sql": "DROP TABLE users;",
		"migrations/20240202093000-orders.js": "exports.up = (db) => db.createTable('orders');", "migrations/tenant/20240303150000-status.js": "", "migrations/20240404000000-next.js": "",
	})
	h := adopt(t, conn, legacy.Wanted{}, dir)
	same(t, "entries", []string{
		"1 | 20240101120000-users | 20240101120000 | users | 2024-05-05T00:00:00 | - | - | - | applied | unverifiable | migrations/20240101120000-users.js | in",
		"2 | 20240202093000-orders | 20240202093000 | orders | 2024-05-05T00:00:00 | - | - | - | applied | unverifiable | migrations/20240202093000-orders.js | in",
		"3 | tenant/20240303150000-status | 20240303150000 | status | 2024-05-06T00:00:00 | - | - | - | applied | unverifiable | migrations/tenant/20240303150000-status.js | in",
	}, lines(h))
	same(t, "problems", []string{"pending_code 20240404000000-next"}, problems(h))
	if f := h.File("20240101120000-users"); f.SQL == nil || !f.SQL.HasDown || len(f.Others) != 2 {
		t.Errorf("a program that only runs SQL: %+v", f)
	}
	if f := h.File("20240202093000-orders"); f.SQL != nil || f.Code != "JavaScript" {
		t.Errorf("a program: %+v", f)
	}
}

// TestDirectoriesOfOtherDatabases leaves out migrations of the tool's form where nothing that is recorded lies, and says so.
func TestDirectoriesOfOtherDatabases(t *testing.T) {
	t.Parallel()
	conn := made(t, "CREATE TABLE migrations (id serial PRIMARY KEY, migration varchar(255) NOT NULL, batch integer NOT NULL); INSERT INTO migrations VALUES (1, '2024_01_01_120000_a', 1)")
	h := adopt(t, conn, legacy.Wanted{}, write(t, map[string]string{
		"database/migrations/2024_01_01_120000_a.php": "", "database/migrations/tenant/2024_02_02_120000_b.php": "", "database/migrations/2024_03_03_120000_c.php": "",
	}))
	same(t, "pending", []string{"database/migrations/2024_03_03_120000_c.php"}, pending(h))
	if len(h.Notes) != 1 || !strings.Contains(h.Notes[0], "database/migrations/tenant") {
		t.Errorf("notes: %v", h.Notes)
	}
}

// TestTwice finds two rows and two files of one migration.
func TestTwice(t *testing.T) {
	t.Parallel()
	conn := made(t, "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, inserted_at timestamp(0)); INSERT INTO schema_migrations VALUES (20240101120000, now())",
		"CREATE SCHEMA b; CREATE TABLE b.migrations (id serial PRIMARY KEY, migration varchar(255) NOT NULL, batch integer NOT NULL); INSERT INTO b.migrations VALUES (1, '2024_01_01_120000_a', 1), (2, '2024_01_01_120000_a', 2)")
	files := adopt(t, conn, legacy.Wanted{Tool: legacy.Ecto}, write(t, map[string]string{"migrations/20240101120000_a.exs": "1", "migrations/20240101120000_b.exs": "2"}))
	same(t, "problems of files", []string{"duplicate_version 20240101120000"}, problems(files))
	same(t, "problems of rows", []string{"duplicate_version 2024_01_01_120000_a"}, problems(adopt(t, conn, legacy.Wanted{Tool: legacy.Laravel}, "")))
}

func TestNodePgMigrateAtWork(t *testing.T) {
	t.Parallel()
	conn := made(t, "CREATE TABLE pgmigrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)", "INSERT INTO pgmigrations VALUES (1, '1_a', now())")
	other := dial(t, conn.Config().ConnString())
	if _, err := other.Exec(context.Background(), "SELECT pg_advisory_lock(7241865325823964)"); err != nil {
		t.Fatal(err)
	}
	same(t, "problems", []string{"tool_running"}, problems(adopt(t, conn, legacy.Wanted{}, "")))
}

// TestColumnsOfTheirOwn finds tables of the usual name to which somebody added columns, or of which somebody widened one.
func TestColumnsOfTheirOwn(t *testing.T) {
	t.Parallel()
	for _, tool := range []legacy.Tool{legacy.Knex, legacy.Kysely, legacy.MikroORM, legacy.NodePgMigrate, legacy.Doctrine, legacy.Sequelize, legacy.Phinx, legacy.EFCore} {
		t.Run(string(tool), func(t *testing.T) {
			t.Parallel()
			s := &samples[slices.IndexFunc(samples, func(s sample) bool { return s.tool == tool })]
			conn := made(t)
			s.fill(t, conn, "public", s.table, true)
			name := schema.Quote(s.table)
			if err := load(conn, "ALTER TABLE "+name+" ADD COLUMN ticket text NOT NULL DEFAULT 'T-1', ADD COLUMN host inet DEFAULT '127.0.0.1'"); err != nil {
				t.Fatal(err)
			}
			h := adopt(t, conn, legacy.Wanted{}, "")
			if h.Source.Tool != tool || len(h.Entries) != rowsOf(s) || len(h.Problems) > 0 {
				t.Errorf("got %v: %v, problems %v", h.Source, lines(h), h.Problems)
			}
		})
	}
}
