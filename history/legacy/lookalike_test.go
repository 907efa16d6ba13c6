package legacy_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// made makes a database by SQL.
func made(t *testing.T, sql ...string) *pgx.Conn {
	t.Helper()
	conn := dial(t, pgtest.URL(t))
	if err := load(conn, strings.Join(sql, ";\n")); err != nil {
		t.Fatal(err)
	}
	return conn
}

// found are the histories of a database, as the command lists them.
func found(t *testing.T, conn *pgx.Conn, tool legacy.Tool) (out []legacy.Source) {
	t.Helper()
	ctx := context.Background()
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	out, err = legacy.Find(ctx, tx, tool)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// lookalikes are tables of applications, each with rows as an application has them. Many have the very columns of a tool.
var lookalikes = []string{
	"migrations (id serial PRIMARY KEY, species text, from_region text, to_region text) VALUES (1, 'Arctic tern', 'Greenland', 'Weddell Sea')",
	"migrations (id serial PRIMARY KEY, timestamp bigint NOT NULL, name varchar NOT NULL) VALUES (1, 1704110400000, 'Arctic tern'), (2, 1706866200000, 'Stork')",
	"migrations (id serial PRIMARY KEY, migration varchar(255) NOT NULL, batch integer NOT NULL) VALUES (1, 'autumn flight', 1), (2, 'spring flight', 2)",
	"migrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL) VALUES (1, 'Swallow', now()), (2, 'Stork', now())",
	"migrations (id serial PRIMARY KEY, name varchar(255), executed_at timestamptz) VALUES (1, 'Swallow', now())",
	"migrations (name varchar(255) PRIMARY KEY) VALUES ('Swallow'), ('Stork')",
	"bird_migrations (id serial PRIMARY KEY, name text, batch integer, migration_time timestamptz) VALUES (1, 'Swallow', 3, now()), (2, 'Stork', 3, now())",
	"migration_versions (version varchar(255) PRIMARY KEY) VALUES ('spring'), ('autumn')",
	"cron (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL) VALUES (1, 'nightly-report', now()), (2, 'cleanup', now())",
	"cron_jobs (id serial PRIMARY KEY, name text NOT NULL, run_on timestamptz) VALUES (1, '5_minutes', now()), (2, '10_minutes', now())",
	"brews (id serial PRIMARY KEY, name varchar(255), batch integer) VALUES (1, 'Pale Ale', 12), (2, 'Stout', 13)",
	"brews (id serial PRIMARY KEY, name varchar(255), batch integer, migration_time timestamptz) VALUES (1, 'Pale Ale', 12, now())",
	"settings (version integer NOT NULL) VALUES (3)",
	"settings (version varchar NOT NULL) VALUES ('1.2.3')",
	"protocol (version integer NOT NULL DEFAULT 0) VALUES (17)",
	"exports (version varchar PRIMARY KEY) VALUES ('20240101'), ('20240202')",
	"events (name varchar(255), timestamp varchar(255)) VALUES ('login', '2024-01-01T12:00:00.000Z'), ('logout', '2024-01-01T12:00:01.000Z')",
	"heartbeats (name text PRIMARY KEY, timestamp text NOT NULL) VALUES ('worker-1', '2024-01-01T12:00:00.000Z')",
	"tags (name varchar(255) PRIMARY KEY) VALUES ('blue'), ('2024'), ('20240101120000')",
	`photos (id serial PRIMARY KEY, name varchar(255), "createdAt" timestamptz, "updatedAt" timestamptz) VALUES (1, '20240101-beach.jpg', now(), now())`,
	"scripts (name text PRIMARY KEY) VALUES ('app.js'), ('main.ts'), ('404.js')",
	"executions (id serial PRIMARY KEY, name varchar(255), executed_at timestamptz DEFAULT now()) VALUES (1, 'report', now()), (2, 'MigrationOfBirds', now())",
	"releases (version varchar(191) PRIMARY KEY, executed_at timestamp, execution_time integer) VALUES ('1.0', now(), 12), ('1.1', now(), 14)",
	"deployments (version varchar(20) PRIMARY KEY, executed_at timestamp NOT NULL) VALUES ('v1', now()), ('v2', now())",
	"job_runs (version bigint PRIMARY KEY, start_time timestamp, end_time timestamp) VALUES (1, now(), now()), (2, now(), NULL)",
	"document_versions (version bigint PRIMARY KEY, inserted_at timestamp(0)) VALUES (1, now()), (2, now())",
	"moves (migration_id varchar(150) PRIMARY KEY, product_version varchar(32) NOT NULL) VALUES ('SKU-1', '2.0'), ('SKU-2', '2.1')",
	"audit_log (id bigserial PRIMARY KEY, action text, actor text, at timestamptz) VALUES (1, 'delete', 'ann', now())",
	"changelog (id serial PRIMARY KEY, version text, title text, body text, published_at timestamptz) VALUES (1, '1.0', 'First', 'All of it', now())",
	"changelog (id numeric(20) PRIMARY KEY, author text, filename text, changed_at timestamptz) VALUES (1, 'ann', 'a.txt', now())",
	"species (id varchar(255) PRIMARY KEY) VALUES ('hirundo rustica'), ('ciconia ciconia')",
	"files (filename text PRIMARY KEY) VALUES ('a.pdf'), ('20240101_b.pdf')",
	"uploads (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint) VALUES (1, 'abc', 1704110400000), (2, 'def', 1706866200000)",
	"contacts (id bigserial PRIMARY KEY, name varchar, group_id bigint, created_at timestamptz) VALUES (1, 'Ann', 4, now()), (2, 'Bob', 4, now())",
	"coupons (id text PRIMARY KEY, applied_at timestamptz) VALUES ('SUMMER24', now()), ('WINTER24', NULL)",
	"robots (version varchar(50) PRIMARY KEY, run_on timestamp) VALUES ('mk1', now()), ('mk2', now())",
	"documents (id integer PRIMARY KEY, name varchar(100) UNIQUE, hash varchar(40), executed_at timestamp) VALUES (1, 'contract', 'abc', now())",
	"installs (id serial PRIMARY KEY, app varchar(255), name varchar(255), applied timestamptz) VALUES (1, 'Mail', 'Ann''s phone', now())",
	"inventory (version bigint, name text) VALUES (1, 'chairs')",
	"versions (id bigserial PRIMARY KEY, item_type text, item_id bigint, event text, object text, created_at timestamp) VALUES (1, 'User', 1, 'update', '', now())",
	"locks (id varchar(255) PRIMARY KEY, is_locked integer NOT NULL) VALUES ('door', 1)",
	"revisions (version text PRIMARY KEY, description text, applied integer, total integer) VALUES ('a', 'b', 1, 2)",
}

// TestLookalikesAreNotFound holds all readers against tables of applications, each in a schema of its own, with rows and without neighbours.
func TestLookalikesAreNotFound(t *testing.T) {
	t.Parallel()
	conn := made(t)
	for i, table := range lookalikes {
		table, rows, _ := strings.Cut(table, " VALUES ")
		name, _, _ := strings.Cut(table, " ")
		sql := fmt.Sprintf("CREATE SCHEMA s%d; SET search_path = s%d; CREATE TABLE %s; INSERT INTO %s VALUES %s", i, i, table, name, rows)
		if err := load(conn, sql); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
	}
	for _, s := range found(t, conn, "") {
		t.Errorf("%s of an application was taken for a history of %s, by %s", &s, s.Tool, s.Why)
	}
}

// TestLookalikesTogether puts tables of applications beside each other and beside what could be their neighbours, with no rows in some.
func TestLookalikesTogether(t *testing.T) {
	t.Parallel()
	conn := made(t,
		"CREATE TABLE events (name varchar(255), timestamp varchar(255)); INSERT INTO events VALUES ('login', '2024-01-01T12:00:00.000Z')",
		"CREATE TABLE doors_lock (id varchar(255) PRIMARY KEY, is_locked integer NOT NULL DEFAULT 0)",
		"CREATE TABLE brews (id serial PRIMARY KEY, name varchar(255), batch integer)", "CREATE TABLE brews_lock (is_locked boolean, by text)",
		"CREATE TABLE cron (id serial PRIMARY KEY, name varchar(255), run_on timestamp)",
		"CREATE TABLE flights (id serial PRIMARY KEY, timestamp bigint, name varchar)",
		"CREATE TABLE moves (migration_id varchar(150), product_version varchar(32))",
		"CREATE TABLE releases (version varchar(191), executed_at timestamp, execution_time integer)",
		"CREATE TABLE snapshots (version bigint PRIMARY KEY, inserted_at timestamp(0))",
		"CREATE TABLE tags (name varchar(255) PRIMARY KEY)")
	for _, s := range found(t, conn, "") {
		t.Errorf("%s of an application was taken for a history of %s, by %s", &s, s.Tool, s.Why)
	}
}

// TestLookalikesThatCannotBeRead does not let a table that a role may not read, or not all of, end the search.
func TestLookalikesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	conn := made(t,
		"CREATE SCHEMA closed", "CREATE TABLE closed.jobs (id serial PRIMARY KEY, name varchar(255), run_on timestamp)", "GRANT SELECT ON closed.jobs TO PUBLIC",
		"CREATE TABLE jobs (id serial PRIMARY KEY, name varchar(255), executed_at timestamp)",
		"CREATE TABLE tags (name varchar(255))", "CREATE TABLE events (name text, timestamp text)", "CREATE TABLE coupons (id text, applied_at timestamptz)",
		"CREATE TABLE uploads (id serial, hash text NOT NULL, created_at bigint)", "CREATE TABLE settings (version integer)", "CREATE TABLE species (id varchar(255))",
		"ALTER TABLE tags ENABLE ROW LEVEL SECURITY", "GRANT SELECT ON tags TO PUBLIC",
		"INSERT INTO jobs (name) VALUES ('a'); INSERT INTO tags VALUES ('b'); INSERT INTO closed.jobs (name) VALUES ('c'); INSERT INTO settings VALUES (1)",
		"CREATE TABLE knex_migrations (id serial PRIMARY KEY, name varchar(255), batch integer, migration_time timestamptz)", "GRANT SELECT ON knex_migrations TO PUBLIC",
		"INSERT INTO knex_migrations VALUES (1, '1_a.js', 1, now())",
		"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pleat_lookalike_reader') THEN CREATE ROLE pleat_lookalike_reader; END IF; END $$",
		"SET ROLE pleat_lookalike_reader")
	got := found(t, conn, "")
	if len(got) != 1 || got[0].Tool != legacy.Knex {
		t.Errorf("got %v", got)
	}
}
