package view

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/schema"
)

func tableOf(columns ...schema.Column) *schema.Table {
	return &schema.Table{Schema: "public", Name: "people", Columns: columns}
}

func catalogOf(objects ...schema.Object) *schema.Catalog {
	c := schema.New()
	for _, o := range objects {
		c.Add(o)
	}
	return c
}

// states are two states that differ in every way that is shown.
func states() (from, to *schema.Catalog) {
	email := schema.Column{Name: "email", Type: "character varying(20)"}
	longer := email
	longer.Type, longer.NotNull = "text", true
	from = catalogOf(
		&schema.Namespace{Name: "public"},
		tableOf(schema.Column{Name: "id", Type: "bigint", NotNull: true}, email, schema.Column{Name: "old", Type: "integer"}),
		&schema.Default{Schema: "public", Table: "people", Column: "email", Expr: "'a'::text"},
		&schema.Index{Schema: "public", Table: "people", Name: "people_old", Method: "btree"},
		&schema.View{Schema: "public", Name: "gone", Query: " SELECT 1"},
		&schema.Comment{On: schema.ID{Kind: schema.KindView, Schema: "public", Name: "gone"}, Text: "goes too"},
		&schema.Function{Routine: schema.Routine{Schema: "public", Name: "f", Language: "sql", Body: "\nSELECT 1,\n  2\n"}},
	)
	people := tableOf().ID()
	to = catalogOf(
		&schema.Namespace{Name: "public"},
		tableOf(schema.Column{Name: "id", Type: "bigint", NotNull: true}, longer, schema.Column{Name: "new", Type: "date"}),
		&schema.Default{Schema: "public", Table: "people", Column: "email", Expr: "'b'::text"},
		&schema.Comment{On: people, Text: "People \x1b[31m"},
		&schema.Table{Schema: "public", Name: "teams", Columns: []schema.Column{{Name: "id", Type: "bigint", NotNull: true}}},
		&schema.PrimaryKey{Schema: "public", Table: "teams", Name: "teams_pkey", Columns: []string{"id"}},
		&schema.Owner{On: schema.ID{Kind: schema.KindTable, Schema: "public", Name: "teams"}, Role: "app"},
		&schema.Function{Routine: schema.Routine{Schema: "public", Name: "f", Language: "sql", Body: "\nSELECT 1,\n  3\n"}},
	)
	return from, to
}

const planText = `Note: objects have changed outside of pleat since its last run:

    ~ table public.x

The plan, from the database as it is now:

    ~ table public.people
        - column old              integer
        ~ column email: type      character varying(20) -> text
        ~ column email: not_null  false -> true
        + column new              date
        ~ column email: default   'a'::text -> 'b'::text
        + comment                 People \x1b[31m

    + table public.teams
        + column id  bigint not null
        + primary_key public.teams.teams_pkey

    - index public.people.people_old
    - view public.gone
    ~ function public.f()
        ~ body
            -   2
            +   3

Plan: 1 to add, 2 to change, 2 to destroy.
Wrote migrations/1_x.sql

Risks:
  destructive: drops column public.people.old and the data in it
`

func samplePlan() *Plan {
	changes := Differences(states())
	return &Plan{
		Listed: Listed{}, Database: "app", Changes: changes, Summary: Count(changes), Steps: []PlanStep{}, Pending: []string{},
		Risks: []Risk{{"destructive", "column public.people.old", "drops column public.people.old and the data in it", 1}},
		Drift: []Change{{Action: "update", Object: "table public.x", Attributes: []Attribute{}}}, Files: []string{"migrations/1_x.sql"},
	}
}

func TestPlanForPeople(t *testing.T) {
	v, out, _ := recordedView(Options{})
	if err := v.Show(samplePlan()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(planText, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPlanWithoutChanges(t *testing.T) {
	for want, plan := range map[string]*Plan{
		"No changes. Database \"app\" matches the schema.\n":                               {Database: "app", NoOp: true},
		"No changes. Database \"app\" matches the schema once 2 pending migrations ran.\n": {Database: "app", NoOp: true, Pending: []string{"a", "b"}},
		"No changes. The directory of migrations matches the schema.\n":                    {NoOp: true},
	} {
		v, out, _ := recordedView(Options{})
		if err := v.Show(plan); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("got %q, want %q", out.String(), want)
		}
	}
}

func TestPlanForPipelines(t *testing.T) {
	into := filepath.Join(t.TempDir(), "plan.json")
	v, out, errs := recordedView(Options{JSON: true, JSONInto: into})
	v.Warn("careful")
	v.Unmanaged(catalogOf(&schema.Unmanaged{What: "aggregate", Schema: "public", Name: "sum2(integer)"}))
	if err := v.Show(samplePlan()); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(into)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(out.String(), string(written)); diff != "" {
		t.Errorf("the file is not what was printed: %s", diff)
	}
	var got struct {
		Version             int
		Command, Database   string
		Notes, Unmanaged    []string
		Changes             []map[string]any
		Summary             map[string]int
		Risks               []map[string]any
		Drift, Files, Steps []any
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != ShapeVersion || got.Command != "plan" || got.Database != "app" || len(got.Changes) != 6 || got.Steps == nil {
		t.Errorf("got %+v", got)
	}
	if diff := cmp.Diff(map[string]int{"add": 1, "change": 2, "destroy": 2, "rebuild": 0, "rename": 0}, got.Summary); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"aggregate public.sum2(integer)"}, got.Unmanaged); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"careful"}, got.Notes); diff != "" {
		t.Error(diff)
	}
	if got.Risks[0]["risk"] != "destructive" || got.Risks[0]["object"] != "column public.people.old" {
		t.Errorf("got %v", got.Risks)
	}
	if text := errs.String(); text != "warning: careful\nunmanaged: aggregate public.sum2(integer)\n" {
		t.Errorf("standard error has %q", text)
	}
}

func TestRebuiltObjectsAreCountedApart(t *testing.T) {
	view := schema.ID{Kind: schema.KindView, Schema: "public", Name: "v"}
	changes := Changes(nil, []schema.ID{view, schema.CommentID(view)})
	want := []Change{{Action: "rebuild", Object: "view public.v", Attributes: []Attribute{}}}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Error(diff)
	}
	if text := Count(changes).sentence(); !strings.HasSuffix(text, "0 to destroy, 1 to rebuild.") {
		t.Errorf("got %q", text)
	}
}

func TestUnmanagedNames(t *testing.T) {
	for want, u := range map[string]schema.Unmanaged{
		"aggregate public.sum2(integer)":            {What: "aggregate", Schema: "public", Name: "sum2(integer)"},
		`text search configuration public."Simple"`: {What: "text search configuration", Schema: "public", Name: "Simple"},
		"cast (integer AS text)":                    {What: "cast", Name: "(integer AS text)"},
		"attribute security label public.people.x":  {What: "attribute security label", Schema: "public", Parent: "people", Name: "x"},
		`event trigger "a\x1b\x0a"`:                 {What: "event trigger", Name: "a\x1b\n"},
	} {
		if got := UnmanagedName(&u); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
