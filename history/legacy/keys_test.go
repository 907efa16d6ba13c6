package legacy_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
)

// TestLockKeys holds the advisory locks of tools whose key is the same in every database.
func TestLockKeys(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		tool legacy.Tool
		key  int64
		sql  string
	}{
		{legacy.Tern, 9628173550095224, "CREATE TABLE schema_version (version int4 NOT NULL); INSERT INTO schema_version VALUES (1)"},
		{legacy.PostgresMigrations, -8525285245963000605, "CREATE TABLE migrations (id integer, name varchar(100), hash varchar(40), executed_at timestamp); INSERT INTO migrations VALUES (1, 'a', '" + sha256Of("x")[:40] + "', now())"},
		{legacy.GraphileMigrate, 4727445306447283, "CREATE TABLE m (hash text, previous_hash text, filename text, date timestamptz); INSERT INTO m VALUES ('sha1:x', NULL, '000001.sql', now())"},
	} {
		conn := opened(t, tc.sql)
		other := dial(t, conn.Config().ConnString())
		if _, err := other.Exec(context.Background(), "SELECT pg_advisory_lock($1)", tc.key); err != nil {
			t.Fatal(err)
		}
		if h := adopt(t, conn, legacy.Wanted{}, ""); h.Source.Tool != tc.tool || !slices.Equal(codes(h), []legacy.Code{legacy.ToolRunning}) {
			t.Errorf("%s holds its lock: read %s with %v", tc.tool, h.Source.Tool, h.Problems)
		}
		if _, err := other.Exec(context.Background(), "SELECT pg_advisory_unlock($1)", tc.key); err != nil {
			t.Fatal(err)
		}
		if h := adopt(t, conn, legacy.Wanted{}, ""); len(h.Problems) > 0 {
			t.Errorf("%s: nobody holds the lock: %v", tc.tool, h.Problems)
		}
	}
}

// TestDbmateOrRails has a table that both tools make: without the files nobody can tell.
func TestDbmateOrRails(t *testing.T) {
	t.Parallel()
	conn := opened(t, "CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations VALUES ('20240101120000')")
	ctx := context.Background()
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	all, err := legacy.Find(ctx, tx, "")
	if err != nil {
		t.Fatal(err)
	}
	var p *legacy.Problem
	if _, _, err := legacy.Choose(all, legacy.Wanted{}); !errors.As(err, &p) || p.Code != legacy.Ambiguous {
		t.Errorf("without files: %v", err)
	}
	for tool, files := range map[legacy.Tool]map[string]string{
		legacy.DBMate: {"db/migrations/20240101120000_a.sql": "-- migrate:up\nSELECT 1;\n-- migrate:down\n"},
		legacy.Rails:  {"db/migrate/20240101120000_a.rb": "class A < ActiveRecord::Migration[7.1]\nend\n", "db/seeds/1.sql": "SELECT 1;"},
	} {
		d, err := legacy.OpenDir(write(t, files))
		if err != nil {
			t.Fatal(err)
		}
		if s, ok, err := legacy.Choose(all, legacy.Wanted{Dir: d}); err != nil || !ok || s.Tool != tool {
			t.Errorf("with files of %s: %s, %v, %v", tool, s.Tool, ok, err)
		}
	}
}

// TestHasuraWithoutRights must not take a table that cannot be read for none.
func TestHasuraWithoutRights(t *testing.T) {
	t.Parallel()
	conn := opened(t, hasuraOld+hasuraState+hasuraRow+`'{"migrations":{"default":{"1704110400000":false}}}')`)
	ctx := context.Background()
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	for _, sql := range []string{"CREATE ROLE hasura_nobody", "GRANT USAGE ON SCHEMA hdb_catalog TO hasura_nobody", "SET LOCAL ROLE hasura_nobody"} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	all, err := legacy.Find(ctx, tx, "")
	if err != nil || len(all) != 1 || all[0].Rows != -1 {
		t.Fatalf("found %+v, %v", all, err)
	}
	if h, err := legacy.Read(ctx, tx, all[0], nil); err != nil || !slices.Equal(codes(h), []legacy.Code{legacy.Unreadable}) {
		t.Errorf("read: %+v, %v", h, err)
	}
}
