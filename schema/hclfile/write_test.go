package hclfile

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pleatdb/pleat/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func readSeeds() (seeds [][]byte, err error) {
	var paths []string
	for _, pattern := range []string{"testdata/errors/*.hcl", "testdata/atlas/*.hcl", "testdata/golden/*/*.hcl"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		paths = append(paths, found...)
	}
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		seeds = append(seeds, src)
	}
	return seeds, nil
}

func readCatalog(t *testing.T, path string) *schema.Catalog {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cat := schema.New()
	if err := json.Unmarshal(src, cat); err != nil {
		t.Fatal(err)
	}
	return cat
}

func TestWriteGolden(t *testing.T) {
	cat := readCatalog(t, "testdata/catalogs/features.json")
	for _, split := range []string{"schema", "table"} {
		files, err := Write(cat, WriteOptions{Split: split})
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join("testdata/golden", split)
		if *update {
			writeGolden(t, dir, files)
		}
		got := map[string]string{}
		for name, text := range files {
			got[name] = string(text)
		}
		if diff := cmp.Diff(readGolden(t, dir), got); diff != "" {
			t.Errorf("split by %s; run with -update after a look (-want +got):\n%s", split, diff)
		}
	}
}

func writeGolden(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func readGolden(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	found, err := schemaFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(name)] = string(text)
	}
	return out
}

func TestWriteNamesWhatIsMissing(t *testing.T) {
	cat := schema.New()
	cat.Add(&schema.Namespace{Name: "app"})
	cat.Add(&schema.Table{Schema: "app", Name: "a", Columns: []schema.Column{{Name: "x", Type: "integer"}}})
	cat.Add(&schema.ForeignKey{Schema: "app", Table: "a", Name: "fk", Columns: []string{"x"}, RefTable: schema.Name{Schema: "b", Name: "t"}, RefColumns: []string{"id"}})
	_, err := Write(cat, WriteOptions{})
	if err == nil || !strings.Contains(err.Error(), "column b.t.id, or what it belongs to, is not part") {
		t.Errorf("got %v", err)
	}
	if _, err := Write(cat, WriteOptions{Split: "kind"}); err == nil {
		t.Error("an unknown way to split is accepted")
	}
}

func TestFormat(t *testing.T) {
	src := "\n\n# head\ntable \"x\"   {\nschema=schema.app # tail\n/* long\n comment */\n    column \"a\" { type=int }\n  as = <<-SQL\n   SELECT 1\nSQL\n}"
	want := "# head\ntable \"x\" {\n  schema = schema.app # tail\n  /* long\n comment */\n  column \"a\" { type = int }\n  as = <<-SQL\n   SELECT 1\nSQL\n}\n"
	got := string(Format([]byte(src)))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if broken := "table {"; string(Format([]byte(broken))) != broken {
		t.Error("a file with a syntax error was changed")
	}
	seeds, err := readSeeds()
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range seeds {
		if once := Format(src); string(Format(once)) != string(once) {
			t.Errorf("not idempotent for %s", src)
		}
	}
}

func TestAddMoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.hcl")
	users := appTable("users")
	first := Move{From: schema.ColumnID(users, "na me"), To: schema.ColumnID(users, "full_name"), Strategy: "in_place"}
	for _, m := range []Move{first, {From: appTable("old"), To: users}} {
		if err := AddMoved(path, m); err != nil {
			t.Fatal(err)
		}
	}
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `moved {
  from     = table.app.users.column["na me"]
  to       = table.app.users.column.full_name
  strategy = in_place
}

moved {
  from = table.app.old
  to   = table.app.users
}
`
	if diff := cmp.Diff(want, string(src)); diff != "" {
		t.Error(diff)
	}
	d := loadBody(t, string(src)+"table \"users\" {\n  schema = schema.app\n  column \"full_name\" {\n    type = text\n  }\n}\n")
	if len(d.Moves) != 2 || d.Moves[0].From != first.From || d.Moves[0].To != first.To || d.Moves[1].To != users {
		t.Errorf("%+v", d.Moves)
	}
	if err := os.WriteFile(path, []byte("table {"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := AddMoved(path, first); err == nil {
		t.Error("a file with syntax errors was changed")
	}
}
