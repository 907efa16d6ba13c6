package legacy_test

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
)

func TestDbmate(t *testing.T) {
	t.Parallel()
	const versions = "INSERT INTO schema_migrations VALUES ('20240202093000'), ('20240101120000')"
	const up = "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n"
	files := map[string]string{"db/migrations/20240101120000_a.sql": up, "db/migrations/20240202093000_b.sql": "-- migrate:up transaction:false\nSELECT 1;\n", "db/migrations/20240101130000.sql": up,
		"db/schema.sql": "SELECT 1;", "seeds/1_x.sql": "SELECT 1;"}
	both := `dbmate
		20240101120000 a applied unverifiable in
		20240202093000 b applied unverifiable in
		pending db/migrations/20240101130000.sql`
	hear(t, []tale{
		{"of today", "CREATE TABLE schema_migrations (version varchar PRIMARY KEY);" + versions, legacy.Wanted{}, files, both},
		{"of 2.26 and before", "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);" + versions, legacy.Wanted{}, files, both},
		{"of the first versions", "CREATE TABLE schema_migrations (version varchar(255) PRIMARY KEY);" + versions, legacy.Wanted{}, files, both},
		{"renamed, in a tenant's schema", "CREATE SCHEMA tenant; CREATE TABLE tenant.applied (version varchar(128) PRIMARY KEY); INSERT INTO tenant.applied VALUES ('20240101120000')", legacy.Wanted{Tool: legacy.DBMate}, nil,
			"dbmate\n20240101120000 - applied unverifiable in"},
		{"a row that is none", "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);" + versions + ", ('a\"b'), ('')", legacy.Wanted{Tool: legacy.DBMate}, nil,
			`dbmate
			20240101120000 - applied unverifiable in
			20240202093000 - applied unverifiable in
			marker
			marker
			problem unreadable
			problem unreadable`},
	})
	rails := "CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY, value varchar, created_at timestamp, updated_at timestamp); CREATE TABLE schema_migrations (version varchar PRIMARY KEY);" + versions
	if got := seen(t, rails, ""); slices.ContainsFunc(got, func(s string) bool { return s[:2] == "db" }) {
		t.Errorf("a table of Rails: found %v", got)
	}
	if got := seen(t, "CREATE TABLE releases (version varchar PRIMARY KEY); INSERT INTO releases VALUES ('1.2.3'), ('20240101')", ""); len(got) > 0 {
		t.Errorf("an application's versions: found %v", got)
	}
}

func sha256Of(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestSQLMigrate(t *testing.T) {
	t.Parallel()
	const table = "CREATE TABLE gorp_migrations (id text PRIMARY KEY, applied_at timestamptz);"
	const up = "-- +migrate Up\nSELECT 1;\n-- +migrate Down\nSELECT 2;\n"
	hear(t, []tale{
		{"by number, then by text", table + "INSERT INTO gorp_migrations VALUES ('10-c.sql', '2024-01-01'), ('init.sql', NULL), ('2-b.sql', '2024-01-02'), ('2-a.sql', '2024-01-02')", legacy.Wanted{},
			map[string]string{"m/2-a.sql": up, "m/10-c.sql": up, "m/11-d.sql": up, "m/init.sql": "-- +migrate Up notransaction\nSELECT 1;\n", "other/1.sql": "SELECT 1;"},
			`sql-migrate
			2-a.sql a applied unverifiable in
			2-b.sql b applied missing in
			10-c.sql c applied unverifiable in
			init.sql init applied unverifiable in
			pending m/11-d.sql
			problem missing_file 2-b.sql`},
		{"with checksums", "CREATE TABLE gorp_migrations (id text PRIMARY KEY, checksum text, applied_at timestamptz); INSERT INTO gorp_migrations VALUES ('1.sql', '" + sha256Of(up) + "', now()), ('2.sql', '" + sha256Of(up) + "', now()), ('3.sql', '', now())", legacy.Wanted{},
			map[string]string{"1.sql": up, "2.sql": up + "\n", "3.sql": up},
			`sql-migrate
			1.sql - applied verified in
			2.sql - applied mismatched in
			3.sql - applied unverifiable in
			problem mismatch 2.sql`},
		{"renamed", "CREATE TABLE public.changes (id varchar(255), applied_at timestamptz); INSERT INTO changes VALUES ('1_a.sql', now())", legacy.Wanted{}, nil, "sql-migrate\n1_a.sql a applied unverifiable in"},
		{"migrations that a program holds", table + "INSERT INTO gorp_migrations VALUES ('first', now()), ('', NULL)", legacy.Wanted{}, nil, "sql-migrate\nfirst first applied unverifiable in\nmarker\nproblem unreadable"},
	})
	if got := seen(t, "CREATE TABLE job_runs (id text, applied_at timestamptz); INSERT INTO job_runs VALUES ('nightly', now()), ('weekly.sql', now())", ""); len(got) > 0 {
		t.Errorf("an application's jobs: found %v", got)
	}
}

func TestGormigrate(t *testing.T) {
	t.Parallel()
	const table = "CREATE TABLE migrations (id varchar(255) PRIMARY KEY);"
	const program = `package db
const last = "202401030000_c"
var all = []*gormigrate.Migration{
	{ID: "202401020000_b", Migrate: up}, {ID: "202401010000_a", Migrate: up, Rollback: down}, {ID: last, Migrate: up}, {Name: "x", ID: "no migration"},
}`
	rows := table + "INSERT INTO migrations VALUES ('202401010000_a'), ('202401020000_b'), ('SCHEMA_INIT')"
	hear(t, []tale{
		{"in the program's order", rows, legacy.Wanted{}, map[string]string{"db/migrate.go": program, "vendor/x/x.go": program},
			`gormigrate
			202401020000_b - applied unverifiable in
			202401010000_a - applied unverifiable in
			marker
			pending db/migrate.go
			problem pending_code 202401030000_c`},
		{"one that no program has", rows + ", ('202406010000')", legacy.Wanted{}, map[string]string{"a.go": "package a\nvar m = gormigrate.Migration{ID: \"202401010000_a\", Migrate: up}"},
			`gormigrate
			202401010000_a - applied unverifiable in
			202401020000_b - applied missing in
			202406010000 - applied missing in
			marker
			problem missing_file 202401020000_b
			problem missing_file 202406010000`},
		{"an ID that cannot be read", rows, legacy.Wanted{}, map[string]string{"a.go": "package a\nvar m = gormigrate.Migration{ID: id(), Migrate: up}"},
			`gormigrate
			202401010000_a - applied unverifiable in
			202401020000_b - applied unverifiable in
			marker`},
		{"by tool where the rows say little", table + "INSERT INTO migrations VALUES ('create_users')", legacy.Wanted{Tool: legacy.Gormigrate}, nil, "gormigrate\ncreate_users - applied unverifiable in"},
	})
	for _, sql := range []string{
		table + "INSERT INTO migrations VALUES ('geese'), ('swallows'), ('storks')",
		"CREATE TABLE invoices (id varchar(255) PRIMARY KEY); INSERT INTO invoices VALUES ('202401010001'), ('202401010002')",
	} {
		if got := seen(t, sql, ""); len(got) > 0 {
			t.Errorf("%s: found %v", sql, got)
		}
	}
}

func TestBun(t *testing.T) {
	t.Parallel()
	const table = `CREATE TABLE bun_migrations (id bigserial PRIMARY KEY, name varchar, group_id bigint, migrated_at timestamptz NOT NULL DEFAULT current_timestamp);
		CREATE TABLE bun_migration_locks (id bigserial PRIMARY KEY, table_name varchar UNIQUE);`
	files := map[string]string{"m/20240101120000_a.tx.up.sql": "CREATE TABLE a ();", "m/20240101120000_a.tx.down.sql": "DROP TABLE a;", "m/20240102000000_b.go": "package m", "m/main.go": "package m",
		"m/20240103000000_c.up.sql": "SELECT 1;\nSELECT 2;\n--bun:split\nSELECT 3;\n"}
	rows := table + "INSERT INTO bun_migrations (name, group_id) VALUES ('20240101120000', 1), ('20240102000000', 1);"
	hear(t, []tale{
		{"files and programs", rows, legacy.Wanted{}, files, `bun
			20240101120000 a applied unverifiable in
			20240102000000 b applied unverifiable in
			pending m/20240103000000_c.up.sql`},
		{"locked", rows + "INSERT INTO bun_migration_locks (table_name) VALUES ('bun_migrations')", legacy.Wanted{}, nil, `bun
			20240101120000 - applied unverifiable in
			20240102000000 - applied unverifiable in
			problem tool_running`},
		{"another table's lock, and other names", `CREATE SCHEMA "a.b"; CREATE TABLE "a.b".done (id integer, name text, group_id integer, migrated_at timestamp);
			INSERT INTO "a.b".done VALUES (2, '20240101120000_x', 1, NULL), (1, NULL, NULL, NULL); CREATE TABLE "a.b".locks (id bigint, table_name text); INSERT INTO "a.b".locks VALUES (1, 'other')`, legacy.Wanted{}, nil, `bun
			20240101120000 x applied unverifiable in
			marker
			problem unreadable`},
	})
	if got := seen(t, "CREATE TABLE members (id bigint, name text, group_id bigint, migrated_at timestamptz); INSERT INTO members VALUES (1, 'anna', 3, now()), (2, 'bert', 3, now())", ""); len(got) > 0 {
		t.Errorf("an application's members: found %v", got)
	}
}

func TestBunScripts(t *testing.T) {
	t.Parallel()
	conn := opened(t, "CREATE TABLE bun_migrations (id bigserial PRIMARY KEY, name varchar, group_id bigint, migrated_at timestamptz)")
	h := adopt(t, conn, legacy.Wanted{Tool: legacy.Bun}, write(t, map[string]string{"1_a.tx.up.sql": "SELECT 1; SELECT 2;", "1_a.tx.down.sql": "SELECT 3;", "2_b.up.sql": "SELECT 1;\nSELECT 2;\n--bun:split\nSELECT 3;\n"}))
	if up := h.Files[0].SQL; !up.Up.Units[0].Transactional || !up.HasDown {
		t.Errorf("in a transaction, with a way back: %+v", up)
	}
	units := h.Files[1].SQL.Up.Units
	if len(units) != 2 || !units[0].OneMessage || len(units[0].Statements) != 2 || units[1].Statements[0].Line != 4 {
		t.Errorf("in pieces: %+v", units)
	}
}

func TestPostgresMigrations(t *testing.T) {
	t.Parallel()
	sum := func(name, text string) string {
		s := sha1.Sum([]byte(name + text))
		return hex.EncodeToString(s[:])
	}
	const one, two = "CREATE TABLE a (id int);\n", "-- postgres-migrations disable-transaction\nSELECT 1;\n"
	table := "CREATE TABLE migrations (id integer PRIMARY KEY, name varchar(100) UNIQUE NOT NULL, hash varchar(40) NOT NULL, executed_at timestamp DEFAULT current_timestamp);" +
		"INSERT INTO migrations VALUES (0, 'create-migrations-table', '" + sum("0_create-migrations-table.sql", "x") + "', '2024-01-01'), (2, 'b', '" + sum("2_b.sql", two) + "', NULL), (1, 'a', '" + sum("0001-a.sql", one) + "', '2024-01-01')"
	hear(t, []tale{
		{"sums of name and text", table, legacy.Wanted{}, map[string]string{"m/0001-a.sql": one, "m/2_b.sql": two, "m/3_c.js": "", "m/4_d.sql": "SELECT 1"},
			`postgres-migrations
			1 a applied verified in
			2 b applied verified in
			marker
			pending m/3_c.js
			pending m/4_d.sql
			problem pending_code 3`},
		{"one byte, and another name", table, legacy.Wanted{}, map[string]string{"0001-a.sql": one + " ", "02_b.sql": two},
			`postgres-migrations
			1 a applied mismatched in
			2 b applied mismatched in
			marker
			problem mismatch 1
			problem mismatch 2`},
		{"line ends count", table, legacy.Wanted{}, map[string]string{"0001-a.sql": "CREATE TABLE a (id int);\r\n", "2_b.js": two},
			`postgres-migrations
			1 a applied mismatched in
			2 b applied unverifiable in
			marker
			problem mismatch 1`},
	})
	if got := seen(t, "CREATE TABLE downloads (id integer, name text, hash text, executed_at timestamp); INSERT INTO downloads VALUES (1, 'x', 'abc', now()), (2, 'y', 'def', now())", ""); len(got) > 0 {
		t.Errorf("an application's table: found %v", got)
	}
}
