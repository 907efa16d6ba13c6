package fleet

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/schema"
)

// tenant is a catalog that lies in a schema of that name, and something beside it.
func tenant(name string, beside bool) *schema.Catalog {
	c := schema.New()
	q := schema.Quote(name)
	c.Add(&schema.Namespace{Name: name})
	c.Add(&schema.Table{Schema: name, Name: "orders", Columns: []schema.Column{{Name: name, Type: q + ".mood"}, {Name: "id", Type: "bigint"}}})
	c.Add(&schema.Sequence{Schema: name, Name: "s", Type: "bigint", Max: math.MaxInt64, Min: 1, Start: 1, Increment: 1, Cache: 1})
	c.Add(&schema.Default{Schema: name, Table: "orders", Column: "id", Expr: "nextval(" + schema.Literal(q+".s") + "::regclass)"})
	c.Add(&schema.Comment{On: schema.ID{Kind: schema.KindTable, Schema: name, Name: "orders"}, Text: "of template"})
	c.Add(&schema.Function{Routine: schema.Routine{
		Schema: name, Name: "f", Args: []schema.Arg{{Name: "a", Type: q + ".mood"}}, Language: "sql", Body: "SELECT count(*) FROM " + q + ".orders",
		Config: []schema.Param{{Name: "search_path", Value: q + ", pg_temp"}},
	}, Returns: "bigint"})
	if beside {
		c.Add(&schema.Namespace{Name: "public"})
		c.Add(&schema.Table{Schema: "public", Name: "orders"})
	}
	return c
}

func TestMoveMakesTenantsComparable(t *testing.T) {
	want, err := Move(tenant("template", true), "template", "template")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tenant_1", `a"b`, "line\nbreak", "$1", "x'y", "ÄÖ", "a.b"} {
		got, err := Move(tenant(name, true), name, "template")
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		// A column that is called like the tenant keeps its name.
		table := got.Get(schema.ID{Kind: schema.KindTable, Schema: "template", Name: "orders"}).(*schema.Table)
		if table.Columns[0].Name != name {
			t.Errorf("%q: the column is now %q", name, table.Columns[0].Name)
		}
		table.Columns[0].Name = "template"
		if diff := cmp.Diff(want.IDs(), got.IDs()); diff != "" {
			t.Errorf("%q: %s", name, diff)
		}
		if want.Fingerprint() != got.Fingerprint() {
			a, _ := want.MarshalJSON()
			b, _ := got.MarshalJSON()
			t.Errorf("%q is another catalog:\n%s\n%s", name, a, b)
		}
	}
}

// TestMoveShowsWhatItCannotMove leaves a text that may mean another thing, so that the tenant is not like the others.
func TestMoveShowsWhatItCannotMove(t *testing.T) {
	c := schema.New()
	c.Add(&schema.Namespace{Name: "t1"})
	c.Add(&schema.Function{Routine: schema.Routine{Schema: "t1", Name: "f", Language: "plpgsql", Body: "BEGIN EXECUTE 'SELECT 1 FROM t1.x'; END"}, Returns: "void"})
	moved, err := Move(c, "t1", "template")
	if err != nil {
		t.Fatal(err)
	}
	f := moved.Get(schema.ID{Kind: schema.KindFunction, Schema: "template", Name: "f"}).(*schema.Function)
	if f.Body != "BEGIN EXECUTE 'SELECT 1 FROM t1.x'; END" {
		t.Errorf("the body became %s", f.Body)
	}
}
