package hclfile

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

// expressible is what of a catalog HCL can say: without owners, grants, rules, strangers and what the engine derives, and
// of inherited columns only what differs from the parent.
func expressible(cat *schema.Catalog) *schema.Catalog {
	w := newWriter(cat)
	out := schema.New()
	for _, id := range cat.IDs() {
		switch o := cat.Get(id).(type) {
		case *schema.Owner, *schema.Grant, *schema.Rule, *schema.Unmanaged:
			continue
		case *schema.Comment:
			if target := o.On; target.Kind != schema.KindUnmanaged && target.Kind != schema.KindRule {
				out.Add(o)
			}
		case *schema.Table:
			out.Add(w.expressibleTable(o))
		case *schema.View:
			v := *o
			v.Columns = w.expressibleColumns(id, o.Columns)
			out.Add(&v)
		case *schema.Materialized:
			v := *o
			v.Columns = w.expressibleColumns(id, o.Columns)
			out.Add(&v)
		case *schema.Index:
			i := *o
			i.AttachedTo, i.Invalid = nil, false
			out.Add(&i)
		case *schema.PrimaryKey:
			c := *o
			c.Index.AttachedTo = ""
			out.Add(&c)
		case *schema.Unique:
			c := *o
			c.Index.AttachedTo = ""
			out.Add(&c)
		case *schema.Exclude:
			c := *o
			c.Index.AttachedTo = ""
			out.Add(&c)
		case *schema.Default:
			if !w.inheritedDefault(o) {
				out.Add(o)
			}
		default:
			out.Add(o)
		}
	}
	return out
}

func (w *writer) inheritedDefault(d *schema.Default) bool {
	t, ok := w.cat.Get(schema.ID{Kind: schema.KindTable, Schema: d.Schema, Name: d.Table}).(*schema.Table)
	if !ok || t.Of != nil || !t.Column(d.Column).Inherited {
		return false
	}
	p := w.parentOf(t, d.Column)
	above, ok := w.cat.Get(schema.ID{Kind: schema.KindDefault, Schema: p.Schema, Parent: p.Name, Name: d.Column}).(*schema.Default)
	return ok && above.Expr == d.Expr
}

func (w *writer) expressibleColumns(view schema.ID, columns []schema.ViewColumn) []schema.ViewColumn {
	if !w.needsColumns(view, columns) {
		return nil
	}
	out := slices.Clone(columns)
	for i := range out {
		out[i].Type, out[i].Collation = "", ""
	}
	return out
}

func (w *writer) expressibleTable(t *schema.Table) *schema.Table {
	c := *t
	c.Columns = nil
	for _, col := range t.Columns {
		if col.Identity != nil {
			identity := *col.Identity
			identity.Sequence = ""
			col.Identity = &identity
		}
		inherited := w.inherited(t, col.Name)
		if inherited == nil || !col.Inherited {
			c.Columns = append(c.Columns, col)
			continue
		}
		scratch := newNode("table")
		w.column(scratch, t, col, inherited)
		if len(scratch.items) == 0 {
			continue
		}
		col.Type = ""
		col.NotNull = col.NotNull && !inherited.NotNull
		for own, above := range map[*string]string{&col.Collation: inherited.Collation, &col.Storage: inherited.Storage, &col.Compression: inherited.Compression} {
			if *own == above {
				*own = ""
			}
		}
		if inherited.Identity != nil {
			col.Identity = nil
		}
		if inherited.Generated != nil && col.Generated != nil && *inherited.Generated == *col.Generated {
			col.Generated = nil
		}
		c.Columns = append(c.Columns, col)
	}
	return &c
}

func objects(cat *schema.Catalog) map[string]schema.Object {
	out := map[string]schema.Object{}
	for _, id := range cat.IDs() {
		out[id.String()] = cat.Get(id)
	}
	return out
}

// roundTrip writes a catalog, loads the files and compares.
func roundTrip(t *testing.T, cat *schema.Catalog, opts WriteOptions) {
	t.Helper()
	files, err := Write(cat, opts)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, files[name], 0o600); err != nil {
			t.Fatal(err)
		}
		if got := Format(files[name]); string(got) != string(files[name]) {
			t.Errorf("%s is not in canonical form: %s", name, cmp.Diff(string(files[name]), string(got)))
		}
	}
	if len(files) == 0 {
		return
	}
	got, diags := Load([]string{dir}, eval.Options{})
	for _, d := range diags {
		t.Errorf("%s", d)
	}
	if diff := cmp.Diff(objects(expressible(cat)), objects(got.Catalog)); diff != "" {
		t.Errorf("the catalog after Write and Load (-want +got):\n%s", diff)
		if testing.Verbose() {
			for name, text := range files {
				fmt.Printf("-- %s\n%s", name, text)
			}
		}
	}
}

// TestStoredCatalogs writes and loads catalogs that were inspected from databases.
func TestStoredCatalogs(t *testing.T) {
	paths, _ := filepath.Glob("testdata/catalogs/*.json")
	if dir := os.Getenv("PLEAT_TEST_CATALOGS"); dir != "" {
		more, _ := filepath.Glob(filepath.Join(dir, "*.json"))
		paths = append(paths, more...)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			cat := schema.New()
			if err := json.Unmarshal(src, cat); err != nil {
				t.Fatal(err)
			}
			for _, split := range []string{"schema", "table"} {
				roundTrip(t, cat, WriteOptions{Split: split})
			}
		})
	}
}
