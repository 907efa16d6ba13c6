package inspect_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

// loadFeatures gives a database that uses every field of the model.
func loadFeatures(t *testing.T) (url string) {
	t.Helper()
	url = pgtest.URL(t)
	pgtest.Exec(t, url, `DO $$ BEGIN CREATE ROLE "feature reader"; EXCEPTION WHEN duplicate_object THEN END $$`)
	script, err := os.ReadFile("testdata/features.sql")
	if err != nil {
		t.Fatal(err)
	}
	sql, err := inspect.ForVersion(string(script), pgtest.Server(t).Major()*10000)
	if err != nil {
		t.Fatal(err)
	}
	pgtest.Exec(t, url, sql)
	return url
}

// differ lists the objects that servers of other versions than 15 print or hold in another way.
func differ(major int) []string {
	ids := []string{"extension btree_gist", "extension citext"}
	switch {
	case major < 15:
		ids = append(ids, "owner on schema public", "sequence app.unlogged_seq", "unique app.users.users_email_key",
			"foreign_key app.orders.orders_set", "index app.users.users_nnd", "view app.checked", "policy app.users.sub")
	case major > 15:
		ids = append(ids, "view app.active", "view app.checked", "materialized app.summary")
	}
	if major < 14 {
		ids = append(ids, "table app.users", "function app.short(integer)", "function app.atomic(app.pair, integer, text)")
	}
	if major >= 17 {
		ids = append(ids, "grant on table app.users")
	}
	return ids
}

// TestFeatures compares with testdata/features.json, which was checked by hand, object by object. PLEAT_TEST_UPDATE=1
// writes it anew.
func TestFeatures(t *testing.T) {
	got := inspectURL(t, loadFeatures(t), inspect.Options{})
	major := pgtest.Server(t).Major()
	const golden = "testdata/features.json"
	if os.Getenv("PLEAT_TEST_UPDATE") != "" && major == 15 {
		if err := os.WriteFile(golden, append(readable(t, got), '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	want := schema.New()
	if err := json.Unmarshal(text, want); err != nil {
		t.Fatal(err)
	}
	if major != 15 {
		for _, name := range differ(major) {
			id, err := schema.ParseID(name)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Has(id) {
				t.Errorf("no %s", id)
			}
			got.Remove(id)
			want.Remove(id)
		}
		// PostgreSQL 13 knows less about which columns a constraint needs.
		if major == 13 {
			got.Remove(schema.ID{Kind: schema.KindExclude, Schema: "app", Parent: "orders", Name: "no_overlap"})
			want.Remove(schema.ID{Kind: schema.KindExclude, Schema: "app", Parent: "orders", Name: "no_overlap"})
		}
	}
	if diff := cmp.Diff(string(readable(t, want)), string(readable(t, got))); diff != "" {
		t.Error(diff)
	}
}

func readable(t *testing.T, catalog *schema.Catalog) []byte {
	t.Helper()
	text, err := json.MarshalIndent(catalog, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	return text
}
