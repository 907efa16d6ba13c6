package online_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/planner/online"
	"github.com/pleatdb/pleat/planner/testcase"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
	"github.com/pleatdb/pleat/schema/sqltext"
)

var update = flag.Bool("update", false, "write the expected files of testdata anew")

// TestGolden plans each case in phases from its files alone, without a database.
func TestGolden(t *testing.T) {
	cases, err := testcase.Load("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			got := phased(t, c)
			if *update {
				c.Set("expected.sql", got)
				if err := c.Save(); err != nil {
					t.Fatal(err)
				}
			}
			want, _ := c.File("expected.sql")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the plan differs (-want +got; -update takes it over):\n%s", diff)
			}
			if again := phased(t, c); again != got {
				t.Errorf("planned twice, the text differs:\n%s", cmp.Diff(got, again))
			}
		})
	}
}

// phased is the plan of a case, or the text of its refusal.
func phased(t *testing.T, c *testcase.Case) string {
	t.Helper()
	from, to := desired(t, c, "old.hcl"), desired(t, c, "new.hcl")
	opts := online.Options{
		Options: planner.Options{Major: c.Major}, Today: "20260101", RenameColumn: sqltext.RenameColumn, RenameType: sqltext.RenameType,
		Backfills: map[schema.ID]online.Backfill{}, Converts: map[schema.ID]online.Convert{}, Harmless: map[schema.ID]bool{},
	}
	for name := range c.Harmless {
		parts := strings.SplitN(name, ".", 3)
		opts.Harmless[schema.ColumnID(schema.ID{Kind: schema.KindTable, Schema: parts[0], Name: parts[1]}, parts[2])] = true
	}
	for id, b := range to.Backfills {
		opts.Backfills[id] = online.Backfill{Set: b.Set, Batch: b.Batch}
	}
	for id, convert := range to.Converts {
		opts.Converts[id] = online.Convert{Using: convert.Using, Reverse: convert.Reverse}
	}
	for _, m := range to.Moves {
		if m.From.Kind != schema.KindColumn {
			t.Fatalf("%s moves, which a shadow has to follow", m.From)
		}
		opts.Renames = append(opts.Renames, planner.Move{From: m.From, To: m.To})
	}
	plan, err := online.New(from.Catalog, to.Catalog, opts)
	var refused *planner.Unsupported
	if errors.As(err, &refused) {
		return "refused: " + err.Error() + "\n"
	}
	if err != nil {
		t.Fatal(err)
	}
	return testcase.Phases(plan.Steps)
}

// desired loads one state of a case.
func desired(t *testing.T, c *testcase.Case, name string) *hclfile.Desired {
	t.Helper()
	text, ok := c.File(name)
	if !ok {
		t.Fatalf("the case has no %s", name)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out, diags := hclfile.Load([]string{path}, eval.Options{})
	if diags.HasErrors() {
		t.Fatal(strings.ReplaceAll(diags.Error(), path, name))
	}
	relate(out.Catalog)
	testcase.Attach(out.Catalog)
	return out
}

// relate adds what the engine derives and files leave to it: the columns that expressions read, the sequences of identities,
// and those that defaults take their numbers from.
func relate(c *schema.Catalog) {
	for _, id := range c.IDs() {
		var texts []string
		switch o := c.Get(id).(type) {
		case *schema.Table:
			nameSequences(o)
		case *schema.Sequence:
			if o.OwnedBy != nil {
				def := o.OwnedBy.ID()
				def.Kind = schema.KindDefault
				c.Depend(def, id)
				c.Depend(id, o.OwnedBy.ID())
			}
		case *schema.Check:
			texts = []string{o.Expr}
		case *schema.Index:
			texts = []string{o.Where}
			for _, e := range o.Elements {
				texts = append(texts, e.Expr)
			}
		}
		for _, text := range texts {
			columns, _ := sqltext.ExprColumns(text)
			for _, name := range columns {
				column := schema.ColumnID(schema.ID{Kind: schema.KindTable, Schema: id.Schema, Name: id.Parent}, name)
				if c.Has(column) {
					c.Depend(id, column)
				}
			}
		}
	}
}

func nameSequences(t *schema.Table) {
	for i := range t.Columns {
		if identity := t.Columns[i].Identity; identity != nil && identity.Sequence == "" {
			identity.Sequence = t.Name + "_" + t.Columns[i].Name + "_seq"
		}
	}
}
