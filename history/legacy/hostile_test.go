package legacy_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

// layout is a tool's table without any constraint, so that rows can be what the tool would never write.
type layout struct {
	tool    legacy.Tool
	columns string
	// home and named are the schema and the table where the tool goes by their names; empty where they can be others.
	home, named string
	// beside makes what else is looked for, with %s for the schema.
	beside string
	// held is set where rows are kept by another column's value, and a row that has none is in no history.
	held bool
}

const (
	hostileSchema = `te"nant`
	hostileTable  = "hist\"ory\n$1"
)

func layouts() []layout {
	return []layout{
		{tool: legacy.Alembic, columns: "version_num varchar(80)"},
		{tool: legacy.Atlas, columns: "version varchar, description varchar, type bigint, applied bigint, total bigint, executed_at timestamptz, execution_time bigint, error text, error_stmt text, hash varchar, partial_hashes jsonb, operator_version varchar"},
		{tool: legacy.Bun, columns: "id bigint, name varchar, group_id bigint, migrated_at timestamptz"},
		{tool: legacy.DBMate, columns: "version varchar"},
		{tool: legacy.DBMigrate, columns: "id integer, name varchar, run_on timestamp"},
		{tool: legacy.Diesel, columns: "version varchar, run_on timestamp"},
		{tool: legacy.Django, columns: "id bigint, app varchar, name varchar, applied timestamptz"},
		{tool: legacy.Doctrine, columns: "version varchar, executed_at timestamp, execution_time integer"},
		{tool: legacy.Drizzle, columns: "id integer, hash text, created_at bigint"},
		{tool: legacy.Drizzle, columns: "id integer, hash text, created_at bigint, name text, applied_at timestamptz"},
		{tool: legacy.Ecto, columns: "version bigint, inserted_at timestamp"},
		{tool: legacy.EFCore, columns: `"MigrationId" varchar, "ProductVersion" varchar`},
		{tool: legacy.Evolve, columns: "id integer, type smallint, version varchar, description varchar, name varchar, checksum varchar, installed_by varchar, installed_on timestamp, success boolean"},
		{tool: legacy.Flyway, columns: "installed_rank integer, version varchar, description varchar, type varchar, script varchar, checksum integer, installed_by varchar, installed_on timestamp, execution_time integer, success boolean"},
		{tool: legacy.Flyway, columns: "version_rank integer, installed_rank integer, version varchar, description varchar, type varchar, script varchar, checksum integer, installed_by varchar, installed_on timestamp, execution_time integer, success boolean"},
		{tool: legacy.GolangMigrate, columns: "version bigint, dirty boolean"},
		{tool: legacy.Goose, columns: "id integer, version_id bigint, is_applied boolean, tstamp timestamp"},
		{tool: legacy.Gormigrate, columns: "id varchar"},
		{tool: legacy.GraphileMigrate, columns: "hash text, previous_hash text, filename text, date timestamptz"},
		{tool: legacy.Hasura, columns: "version bigint, dirty boolean"},
		{tool: legacy.Knex, columns: "id integer, name varchar, batch integer, migration_time timestamptz"},
		{tool: legacy.Kysely, columns: "name varchar, timestamp varchar"},
		{tool: legacy.Laravel, columns: "id integer, migration varchar, batch integer"},
		{tool: legacy.Liquibase, columns: "id varchar, author varchar, filename varchar, dateexecuted timestamp, orderexecuted integer, exectype varchar, md5sum varchar, description varchar, comments varchar, tag varchar, liquibase varchar, contexts varchar, labels varchar, deployment_id varchar"},
		{tool: legacy.MikroORM, columns: "id integer, name varchar, executed_at timestamptz"},
		{tool: legacy.NodePgMigrate, columns: "id integer, name varchar, run_on timestamp"},
		{tool: legacy.PgMigrate, columns: "version bigint, description text, type %s.schema_version_type, installed_by text, installed_on timestamp", beside: "CREATE TYPE %s.schema_version_type AS ENUM ('auto', 'manual')"},
		{tool: legacy.PgRoll, columns: "schema name, name text, migration jsonb, created_at timestamp, updated_at timestamp, parent text, done boolean, resulting_schema jsonb, migration_type varchar"},
		{tool: legacy.Phinx, columns: "version bigint, migration_name varchar, start_time timestamp, end_time timestamp, breakpoint boolean"},
		{tool: legacy.PostgresMigrations, columns: "id integer, name varchar, hash varchar, executed_at timestamp"},
		{tool: legacy.Prisma, columns: "id varchar, checksum varchar, finished_at timestamptz, migration_name varchar, logs text, rolled_back_at timestamptz, started_at timestamptz, applied_steps_count integer"},
		{tool: legacy.Rails, columns: "version varchar"},
		{tool: legacy.Refinery, columns: "version int4, name varchar, applied_on varchar, checksum varchar"},
		{tool: legacy.Sequel, columns: "filename text"},
		{tool: legacy.Sequel, columns: "version integer NOT NULL DEFAULT 0"},
		{tool: legacy.Sequelize, columns: "name varchar"},
		{tool: legacy.SQLMigrate, columns: "id text, applied_at timestamptz"},
		{tool: legacy.Sqitch, columns: "event text, change_id text, change text, project text, note text, requires text[], conflicts text[], tags text[], committed_at timestamptz, committer_name text, committer_email text, planned_at timestamptz, planner_name text, planner_email text",
			named: "events", held: true, beside: "CREATE TABLE %s.changes (change_id text, script_hash text, change text, project text, note text, committed_at timestamptz, committer_name text, committer_email text, planned_at timestamptz, planner_name text, planner_email text)"},
		{tool: legacy.SQLx, columns: "version bigint, description text, installed_on timestamptz, success boolean, checksum bytea, execution_time bigint"},
		{tool: legacy.Supabase, columns: "version text, statements text[], name text"},
		{tool: legacy.Tern, columns: "version integer"},
		{tool: legacy.TypeORM, columns: `id integer, "timestamp" bigint, name varchar`},
		{tool: legacy.Yoyo, columns: "migration_hash varchar, migration_id varchar, applied_at_utc timestamp"},
		{tool: legacy.Bytebase, columns: "id bigint, created_by text, created_ts bigint, updated_by text, updated_ts bigint, release_version text, namespace text, sequence bigint, source text, type text, status text, version text, description text, statement text, schema text, schema_prev text, execution_duration_ns bigint, issue_id text, payload text", named: "migration_history", held: true},
		// Older and newer layouts.
		{tool: legacy.Doctrine, columns: "version varchar"},
		{tool: legacy.Laravel, columns: "migration varchar, batch integer"},
		{tool: legacy.Phinx, columns: "version bigint, start_time timestamp, end_time timestamp"},
		{tool: legacy.Yoyo, columns: "id varchar PRIMARY KEY DEFAULT 'x', ctime timestamp"},
		{tool: legacy.Supabase, columns: "version text", home: "supabase_migrations", named: "schema_migrations"},
		{tool: legacy.Supabase, columns: "version text, statements text[], name text, created_by text, idempotency_key text, rollback text[]"},
		{tool: legacy.Atlas, columns: "version varchar, description varchar, type bigint, applied bigint, total bigint, executed_at timestamptz, execution_time bigint, error text, hash varchar, operator_version varchar, meta jsonb"},
		{tool: legacy.Liquibase, columns: "id varchar, author varchar, filename varchar, dateexecuted timestamptz, md5sum varchar, description varchar, comments varchar, tag varchar, liquibase varchar"},
		{tool: legacy.Liquibase, columns: `"ID" varchar, "AUTHOR" varchar, "FILENAME" varchar, "DATEEXECUTED" timestamp, "ORDEREXECUTED" integer, "EXECTYPE" varchar, "MD5SUM" varchar, "DESCRIPTION" varchar, "COMMENTS" varchar, "TAG" varchar, "LIQUIBASE" varchar`},
		{tool: legacy.EFCore, columns: "migration_id varchar, product_version varchar"},
		{tool: legacy.Refinery, columns: "version int8, name varchar, applied_on varchar, checksum varchar"},
		{tool: legacy.SQLMigrate, columns: "id text, checksum text, applied_at timestamptz"},
		{tool: legacy.PgRoll, columns: "schema text, name text, migration jsonb, created_at timestamptz, updated_at timestamptz, parent text, done boolean, resulting_schema jsonb"},
	}
}

// hostileTexts are values that must reach nobody as anything but text.
var hostileTexts = []string{`a"b`, "new\nline", "$1", strings.Repeat("ü", 31) + "x", "", `'; DROP TABLE x; --`, "<b>&\\", "20240101120000_x.sql", "../../etc/passwd"}

// hostileValues are values of the other types.
var hostileValues = map[string][]string{
	"number": {"0", "-1", "1", "32767", "7", "2", "2", "3", "4"}, "boolean": {"true", "false"}, "time": {"2024-01-01", "infinity", "-infinity"},
	"jsonb": {"{}", "[]", `"x"`, "null", `{"a": {"b": [null, 1e400]}}`}, "bytea": {`\x`, `\x00ff`}, "text[]": {"{}", `{NULL,"a\"b"}`}, "enum": {"auto", "manual"},
}

func kindOf(typ string) string {
	switch {
	case typ == "text[]", typ == "jsonb", typ == "bytea", typ == "boolean":
		return typ
	case strings.HasPrefix(typ, "timestamp"):
		return "time"
	case typ == "bigint", typ == "integer", typ == "smallint":
		return "number"
	case strings.HasSuffix(typ, "schema_version_type"):
		return "enum"
	}
	return "text"
}

// fill writes a row of NULLs and a row for each hostile text, and tells how many.
func fill(t *testing.T, conn *pgx.Conn, table string) (n int) {
	t.Helper()
	ctx := context.Background()
	rows, err := conn.Query(ctx, "SELECT quote_ident(attname), format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 ORDER BY attnum", table)
	if err != nil {
		t.Fatal(err)
	}
	type column struct{ Name, Type string }
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "INSERT INTO "+table+" DEFAULT VALUES"); err != nil {
		t.Fatal(err)
	}
	for i, text := range hostileTexts {
		var names, values []string
		for _, c := range columns {
			value := text
			if kind := kindOf(c.Type); kind != "text" {
				value = hostileValues[kind][i%len(hostileValues[kind])]
			}
			names, values = append(names, c.Name), append(values, schema.Literal(value)+"::"+c.Type)
		}
		if _, err := conn.Exec(ctx, "INSERT INTO "+table+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(values, ", ")+")"); err != nil {
			t.Fatal(err)
		}
	}
	return len(hostileTexts) + 1
}

// TestHostileRows puts nonsense into the table of every tool: all of it is accounted for, and nothing fails.
func TestHostileRows(t *testing.T) {
	t.Parallel()
	var tried []legacy.Tool
	for _, l := range layouts() {
		tried = append(tried, l.tool)
		name := string(l.tool) + " " + l.columns[:strings.IndexByte(l.columns+" ", ' ')]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, pgtest.URL(t))
			home := schema.Quote(cmp.Or(l.home, hostileSchema))
			full := home + "." + schema.Quote(cmp.Or(l.named, hostileTable))
			columns := strings.ReplaceAll(l.columns, "%s", home)
			if err := load(conn, "CREATE SCHEMA "+home+";"+strings.ReplaceAll(l.beside, "%s", home)+";CREATE TABLE "+full+" ("+columns+")"); err != nil {
				t.Fatal(err)
			}
			n := fill(t, conn, full)
			for _, dir := range []string{"", write(t, hostileFiles())} {
				hostile(t, conn, l, n, dir)
			}
		})
	}
	for _, tool := range legacy.Tools() {
		if !slices.Contains(tried, tool) {
			t.Errorf("no hostile table of %s is tried", tool)
		}
	}
}

// hostile reads all histories of the tool in the database.
func hostile(t *testing.T, conn *pgx.Conn, l layout, n int, dir string) {
	t.Helper()
	ctx := context.Background()
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if _, err := legacy.Find(ctx, tx, ""); err != nil {
		t.Fatalf("find without a tool: %v", err)
	}
	found, err := legacy.Find(ctx, tx, l.tool)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("%s is not found under another name, though it is asked for", l.tool)
	}
	var d *legacy.Dir
	if dir != "" {
		if d, err = legacy.OpenDir(dir); err != nil {
			t.Fatal(err)
		}
	}
	told := 0
	for _, s := range found {
		h, err := legacy.Read(ctx, tx, s, d)
		if err != nil {
			t.Fatalf("read %s with the directory %q: %v", s.Tool, dir, err)
		}
		told += len(h.Entries) + len(h.Markers)
		hostileHistory(t, h)
	}
	if told < n && !l.held {
		t.Errorf("%d rows became %d entries and markers", n, told)
	}
	if _, err := tx.Exec(ctx, "SELECT 1"); err != nil {
		t.Errorf("the transaction was broken: %v", err)
	}
}

// hostileHistory checks what must hold for every history.
func hostileHistory(t *testing.T, h *legacy.History) {
	t.Helper()
	for i, e := range h.Entries {
		if e.Order != i+1 || e.State == "" || e.File.State == "" {
			t.Errorf("entry %d is not whole: %+v", i, e)
		}
		if e.State != legacy.Inferred && !json.Valid(e.Row) {
			t.Errorf("entry %s has no row: %q", e.Key, e.Row)
		}
		if e.File.State != legacy.FileVerified && e.File.Reason == "" {
			t.Errorf("entry %s: its file is %s without a reason", e.Key, e.File.State)
		}
	}
	for _, m := range h.Markers {
		if m.Why == "" || !json.Valid(m.Row) {
			t.Errorf("a marker says nothing: %+v", m)
		}
	}
	for _, p := range h.Problems {
		if p.Code == "" || p.Message == "" || p.Next == "" {
			t.Errorf("a problem says nothing: %+v", p)
		}
	}
}

// hostileFiles are files of all kinds with nonsense in them.
func hostileFiles() map[string]string {
	out := map[string]string{}
	texts := []string{"", "'", "\x00\xff", "\ufeff-- +goose Up\r\nSELECT $1;", "{", "[1, {\"a\": null}]", "<databaseChangeLog><changeSet", "- changeSet: [", "def f(:\n  '''", "/*", "revision = (\ndown_revision = revision"}
	names := []string{`a"b`, "1_new\nline", "$1", "20240101120000_x", strings.Repeat("ü", 31), "V1__x", "R__x", "0001-x", "1", "_", "20240101120000_x.up", "20240101120000_x.down"}
	endings := []string{"sql", "go", "py", "rb", "js", "ts", "php", "exs", "cs", "xml", "yaml", "json"}
	for i, name := range names {
		for j, ending := range endings {
			out[fmt.Sprintf("m%d/%s.%s", i, name, ending)] = texts[(i+j)%len(texts)]
		}
	}
	for i, name := range []string{"meta/_journal.json", "sqitch.plan", "atlas.sum", "alembic.ini", "migration_lock.toml", "db/changelog.xml", "changelog.sql", ".gmrc", "sqitch.conf", "migrations/1_x/up.sql",
		"migrations/1_x/migration.sql", "migrations/1_x/down.sql", "deploy/x.sql", "migrations/committed/000001.sql", "x/migrations/0001_initial.py", "migrations.yml", "versions/x.py", "meta/0000_snapshot.json"} {
		out[name] = texts[i%len(texts)]
	}
	return out
}
