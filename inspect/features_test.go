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
	if major := pgtest.Server(t).Major(); major < 15 {
		t.Skipf("the script needs PostgreSQL 15, this is %d", major)
	}
	url = pgtest.URL(t)
	pgtest.Exec(t, url, `DO $$ BEGIN CREATE ROLE "feature reader"; EXCEPTION WHEN duplicate_object THEN END $$`)
	script, err := os.ReadFile("testdata/features.sql")
	if err != nil {
		t.Fatal(err)
	}
	pgtest.Exec(t, url, string(script))
	return url
}

// TestFeatures compares with testdata/features.json, which was checked by hand, object by object. PLEAT_TEST_UPDATE=1
// writes it anew.
func TestFeatures(t *testing.T) {
	got, err := json.MarshalIndent(inspectURL(t, loadFeatures(t), inspect.Options{}), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/features.json"
	if os.Getenv("PLEAT_TEST_UPDATE") != "" {
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
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
	wantText, err := json.MarshalIndent(want, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(wantText), string(got)); diff != "" {
		t.Error(diff)
	}
}
