package inspect_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

// TestWithoutRights reads as a role that may do nothing at all, under settings that change how text is printed, with
// functions in the path that have the names of the server's own.
func TestWithoutRights(t *testing.T) {
	url := loadFeatures(t)
	pgtest.Exec(t, url, `
		DO $$ BEGIN CREATE ROLE nobody_at_all; EXCEPTION WHEN duplicate_object THEN END $$;
		REVOKE ALL ON SCHEMA public FROM PUBLIC;
		CREATE FUNCTION public.format_type(oid, integer) RETURNS text LANGUAGE sql AS 'SELECT ''wrong''';
		CREATE FUNCTION public.pg_get_expr(pg_node_tree, oid) RETURNS text LANGUAGE sql AS 'SELECT ''wrong''';
		CREATE FUNCTION public.same(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT false';
		CREATE OPERATOR public.= (leftarg = oid, rightarg = oid, function = public.same);
		CREATE TABLE public.pg_class (oid oid);
		CREATE USER MAPPING FOR nobody_at_all SERVER nowhere OPTIONS (password 'secret');
		CREATE FUNCTION app.needy() RETURNS integer LANGUAGE sql AS 'SELECT 1';
		ALTER FUNCTION app.needy() DEPENDS ON EXTENSION citext;
		CREATE SUBSCRIPTION sub CONNECTION 'dbname=nowhere' PUBLICATION pub WITH (connect = false);`)
	t.Cleanup(func() { dropSubscriptions(t, url) })
	want := inspectURL(t, url, inspect.Options{})
	for _, u := range []schema.Unmanaged{
		{What: "subscription", Name: "sub"}, {What: "user mapping", Name: "nobody_at_all on server nowhere"},
		{What: "attribute depends on extension citext", Schema: "app", Name: "needy()"},
	} {
		if !want.Has(u.ID()) {
			t.Errorf("no %s", u.ID())
		}
	}
	conn := connect(t, url)
	for _, set := range []string{
		`SET SESSION AUTHORIZATION nobody_at_all`, `SET search_path = public, app, pg_catalog`, `SET quote_all_identifiers = on`,
		`SET DateStyle = 'German'`, `SET IntervalStyle = 'sql_standard'`, `SET TimeZone = 'Asia/Kolkata'`,
		`SET extra_float_digits = -3`, `SET bytea_output = 'escape'`, `SET row_security = off`,
		`SET default_transaction_read_only = on`, `SET default_transaction_isolation = 'serializable'`,
	} {
		if _, err := conn.Exec(t.Context(), set); err != nil {
			t.Fatal(err)
		}
	}
	got, err := inspect.Inspect(t.Context(), conn, inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if w, g := string(readable(t, want)), string(readable(t, got)); w != g {
		t.Error("a role without rights reads something else")
	}
	var path string
	if err := conn.QueryRow(t.Context(), "SHOW search_path").Scan(&path); err != nil || path != "public, app, pg_catalog" {
		t.Errorf("search_path afterwards: %q, %v", path, err)
	}
}

// TestInsideTransaction sees the transaction's own changes and leaves its settings alone.
func TestInsideTransaction(t *testing.T) {
	url := pgtest.URL(t)
	conn := connect(t, url)
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := tx.Exec(t.Context(), `SET LOCAL search_path = public; CREATE TABLE made (id integer)`); err != nil {
		t.Fatal(err)
	}
	got, err := inspect.InspectTx(t.Context(), tx, inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !got.Has(schema.ID{Kind: schema.KindTable, Schema: "public", Name: "made"}) {
		t.Error("the table of the transaction is missing")
	}
	var path string
	if err := tx.QueryRow(t.Context(), "SHOW search_path").Scan(&path); err != nil || path != "public" {
		t.Errorf("search_path afterwards: %q, %v", path, err)
	}
	if _, err := inspect.Inspect(t.Context(), conn, inspect.Options{}); err == nil {
		t.Error("Inspect took a connection that is inside a transaction")
	}
}

// TestConcurrentChanges reads while another session switches between two schemas, and must never see a mixture.
func TestConcurrentChanges(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `
		CREATE TABLE a (one integer, CONSTRAINT c CHECK (one > 0));
		CREATE VIEW v AS SELECT one FROM a;
		CREATE INDEX i ON a ((one + 1)) WHERE one > 1;`)
	states := map[string]bool{inspectURL(t, url, inspect.Options{}).Fingerprint(): true}
	there := `ALTER TABLE a RENAME COLUMN one TO two; ALTER TABLE a RENAME TO b; ALTER INDEX i RENAME TO j;
		CREATE TABLE extra (id integer DEFAULT 1, CHECK (id > 0)); CREATE VIEW w AS SELECT two FROM b; CREATE INDEX k ON b ((two + 2));`
	back := `DROP INDEX k; DROP VIEW w; DROP TABLE extra; ALTER INDEX j RENAME TO i; ALTER TABLE b RENAME TO a; ALTER TABLE a RENAME COLUMN two TO one`
	pgtest.Exec(t, url, there)
	states[inspectURL(t, url, inspect.Options{}).Fingerprint()] = true

	ctx, cancel := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	defer writer.Wait()
	defer cancel()
	writer.Go(func() {
		if err := alternate(ctx, url, back, there); err != nil {
			t.Error(err)
		}
	})
	conn := connect(t, url)
	for succeeded := 0; succeeded < 10; {
		got, err := inspect.Inspect(t.Context(), conn, inspect.Options{})
		switch {
		case errors.Is(err, inspect.ErrChanging):
		case err != nil:
			t.Fatal(err)
		case !states[got.Fingerprint()]:
			t.Fatalf("a mixture of two states: %v", names(got))
		default:
			succeeded++
		}
	}
}

func alternate(ctx context.Context, url string, scripts ...string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	for i := 0; ctx.Err() == nil; i++ {
		if _, err := conn.PgConn().Exec(context.Background(), "BEGIN;"+scripts[i%len(scripts)]+";COMMIT").ReadAll(); err != nil {
			return fmt.Errorf("change schema: %w", err)
		}
		time.Sleep(time.Duration(i%9) * 60 * time.Millisecond)
	}
	return nil
}
