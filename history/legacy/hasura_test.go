package legacy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/history/legacy"
)

const (
	hasuraOld   = "CREATE SCHEMA hdb_catalog; SET search_path TO hdb_catalog; CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); CREATE TABLE migration_settings (setting text PRIMARY KEY, value text NOT NULL);"
	hasuraState = "CREATE TABLE hdb_version (hasura_uuid uuid PRIMARY KEY, version text, upgraded_on timestamptz, cli_state jsonb, console_state jsonb);"
	hasuraRow   = "INSERT INTO hdb_version VALUES ('3ac21bde-4a2f-4d9b-8f3e-3b8ed1c19c4b', '48', now(), "
)

func TestHasura(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"migrations/default/1704110400000_a/up.sql": "SELECT 1;", "migrations/default/1704110400000_a/down.sql": "SELECT 2;",
		"migrations/default/1706866200000_b/up.sql": "SELECT 1;", "migrations/default/1709478000000_c/up.yaml": "- args: {}",
		"migrations/other/1704110400000_x/up.sql": "SELECT 1;", "metadata/databases.yaml": "",
	}
	flat := map[string]string{"migrations/1704110400000_a.up.sql": "SELECT 1;", "migrations/1704110400000_a.down.sql": "SELECT 1;", "migrations/1706866200000_b/up.sql": "SELECT 1;"}
	two := hasuraOld + hasuraState + hasuraRow + `'{"migrations":{"default":{"1706866200000":false,"1704110400000":false},"other":{"1704110400000":true}},"isStateCopyCompleted":true}'); INSERT INTO schema_migrations VALUES (1,false)`
	hear(t, []tale{
		{"the table", hasuraOld + "INSERT INTO schema_migrations VALUES (1706866200000, false), (1704110400000, false)", legacy.Wanted{}, flat, `hasura 2
			1704110400000 a applied unverifiable in
			1706866200000 b applied unverifiable in`},
		{"one row in the engine's schema", hasuraOld + "INSERT INTO schema_migrations VALUES (1704110400000, true)", legacy.Wanted{}, nil, `hasura 2
			1704110400000 - failed unverifiable past
			problem dirty 1704110400000`},
		{"the table, with a state that has no migrations", hasuraOld + hasuraState + hasuraRow + "'{}'); INSERT INTO schema_migrations VALUES (1704110400000, false)", legacy.Wanted{}, nil, "hasura 2\n1704110400000 - applied unverifiable in"},
		{"a database of the state", two, legacy.Wanted{Project: "default"}, files, `hasura 3
			1704110400000 a applied unverifiable in
			1706866200000 b applied unverifiable in
			pending migrations/default/1709478000000_c/up.yaml
			problem pending_code 1709478000000`},
		{"another database of the state", two, legacy.Wanted{Project: "other"}, files, `hasura 3
			1704110400000 x failed unverifiable past
			pending migrations/other/1704110400000_x/up.sql
			problem dirty 1704110400000`},
		{"values of other kinds", "CREATE SCHEMA hdb_catalog; SET search_path TO hdb_catalog;" + hasuraState + hasuraRow + `'{"migrations":{"a\"b":{"x\n":true,"1":"no","12":null,"2":false},"c":7,"d":null}}')`, legacy.Wanted{Project: `a"b`}, nil, `hasura 3
			2 - applied unverifiable in
			marker
			marker
			marker
			problem unreadable
			problem unreadable
			problem unreadable`},
	})
	if diff := cmp.Diff([]string{"hasura hdb_catalog.hdb_version 3 default 2", "hasura hdb_catalog.hdb_version 3 other 1"}, seen(t, two, "")); diff != "" {
		t.Errorf("the old table is stale (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"hasura public.schema_migrations 2 2"}, seen(t, golangTable+"INSERT INTO schema_migrations VALUES (1704110400000, false), (1706866200000, false)", "")); diff != "" {
		t.Errorf("many rows in milliseconds (-want +got):\n%s", diff)
	}
}

func TestGoose(t *testing.T) {
	t.Parallel()
	const table = "CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp NULL DEFAULT now());"
	const up = "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n"
	files := map[string]string{"00001_a.sql": up, "00002_b.go": "package m\nfunc init() { goose.AddMigrationContext(up, down) }", "00003_c.sql": up, "00002_b_test.go": "package m"}
	hear(t, []tale{
		{"out of order, as -allow-missing lets it", table + "INSERT INTO goose_db_version (version_id, is_applied, tstamp) VALUES (0, true, NULL), (1, true, NULL), (3, true, NULL), (2, true, NULL)", legacy.Wanted{}, files, `goose
			1 a applied unverifiable in
			3 c applied unverifiable in
			2 b applied unverifiable in
			marker`},
		{"taken back, as the old line noted it", table + "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (3, true), (3, false)", legacy.Wanted{}, files, `goose
			1 a applied unverifiable in
			3 c applied unverifiable past
			3 c undone unverifiable past
			marker
			pending 00002_b.go
			pending 00003_c.sql
			problem pending_code 2`},
		{"NULLs and nonsense, renamed", `CREATE SCHEMA "te""nant"; CREATE TABLE "te""nant".v (id integer, version_id bigint, is_applied boolean, tstamp timestamptz);
			INSERT INTO "te""nant".v VALUES (NULL, NULL, NULL, NULL), (1, -5, true, NULL), (2, 4, NULL, 'infinity'), (3, 5, true, 'infinity')`, legacy.Wanted{}, nil, `goose
			5 - applied unverifiable in
			marker
			marker
			marker
			problem unreadable
			problem unreadable
			problem unreadable`},
		{"the lease of its table locker", table + `INSERT INTO goose_db_version (version_id, is_applied) VALUES (1, true);
			CREATE TABLE goose_lock (lock_id bigint PRIMARY KEY, locked boolean, locked_at timestamptz, locked_by text, lease_expires_at timestamptz, updated_at timestamptz); INSERT INTO goose_lock VALUES (1, true, now(), 'me', now())`,
			legacy.Wanted{}, nil, "goose\n1 - applied unverifiable in\nproblem tool_running"},
	})
}
