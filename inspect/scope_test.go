package inspect_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

const twoSchemas = `
	CREATE SCHEMA inside; CREATE SCHEMA outside; CREATE SCHEMA pleat; CREATE SCHEMA ext;
	CREATE EXTENSION citext SCHEMA ext; CREATE EXTENSION hstore SCHEMA ext;
	CREATE TYPE outside.mood AS ENUM ('a');
	CREATE TABLE outside.base (id integer PRIMARY KEY);
	CREATE TABLE inside.t (id integer PRIMARY KEY, mood outside.mood, mail ext.citext, base integer REFERENCES outside.base);
	CREATE VIEW outside.v AS SELECT id FROM inside.t;
	CREATE TABLE outside.refers (t integer CONSTRAINT refers_t REFERENCES inside.t);
	CREATE TABLE pleat.log (id integer);
	CREATE TABLE inside.tmp_1 (id integer CONSTRAINT tmp_t REFERENCES inside.t);
	CREATE INDEX t_old ON inside.t (mail);
	CREATE TEMPORARY VIEW mine AS SELECT * FROM inside.t;
	COMMENT ON EXTENSION citext IS 'mine';
	CREATE PUBLICATION p FOR TABLE inside.t;
	CREATE PUBLICATION q FOR TABLE outside.base;`

func names(c *schema.Catalog) []string {
	var out []string
	for _, id := range c.IDs() {
		if id.Kind != schema.KindOwner {
			out = append(out, id.String())
		}
	}
	return out
}

func edges(c *schema.Catalog) []string {
	var out []string
	for to, froms := range c.Dependents() {
		for _, from := range froms {
			if from.Kind == schema.KindUnmanaged || to.Kind == schema.KindUnmanaged {
				out = append(out, from.String()+" -> "+to.String())
			}
		}
	}
	slices.Sort(out)
	return out
}

// TestScope reads one schema of two that need each other.
func TestScope(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, twoSchemas)
	got := inspectURL(t, url, inspect.Options{Schemas: []string{"inside"}, Ignore: []string{"inside.tmp_*", "inside.t.t_old"}})
	want := []string{
		"schema inside",
		"extension citext",
		"comment on extension citext",
		`unmanaged publication p`,
		"table inside.t",
		"primary_key inside.t.t_pkey",
		"foreign_key inside.t.t_base_fkey",
		`unmanaged "table constraint" inside.tmp_1.tmp_t`,
		"unmanaged index inside.t_old",
		"unmanaged table outside.base",
		`unmanaged "table constraint" outside.base.base_pkey`,
		"unmanaged type outside.mood",
		`unmanaged "table constraint" outside.refers.refers_t`,
		"unmanaged view outside.v",
	}
	sorted := slices.Clone(names(got))
	slices.Sort(want)
	slices.Sort(sorted)
	if diff := cmp.Diff(want, sorted); diff != "" {
		t.Error(diff)
	}
	wantEdges := []string{
		`column inside.t.mood -> unmanaged type outside.mood`,
		`foreign_key inside.t.t_base_fkey -> unmanaged "table constraint" outside.base.base_pkey`,
		`foreign_key inside.t.t_base_fkey -> unmanaged table outside.base`,
		`unmanaged "table constraint" inside.tmp_1.tmp_t -> column inside.t.id`,
		`unmanaged "table constraint" inside.tmp_1.tmp_t -> primary_key inside.t.t_pkey`,
		`unmanaged "table constraint" outside.refers.refers_t -> column inside.t.id`,
		`unmanaged "table constraint" outside.refers.refers_t -> primary_key inside.t.t_pkey`,
		`unmanaged index inside.t_old -> column inside.t.mail`,
		`unmanaged publication p -> table inside.t`,
		`unmanaged view outside.v -> column inside.t.id`,
	}
	slices.Sort(wantEdges)
	if diff := cmp.Diff(wantEdges, edges(got)); diff != "" {
		t.Error(diff)
	}
}

// TestWholeDatabase leaves out what belongs to an extension, to pleat, or is temporary.
func TestWholeDatabase(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, twoSchemas)
	for _, name := range names(inspectURL(t, url, inspect.Options{})) {
		if strings.Contains(name, " ext.") || strings.Contains(name, "pleat") || strings.Contains(name, "mine") {
			t.Errorf("%s is in the catalog", name)
		}
	}
}

func TestUnknownSchema(t *testing.T) {
	conn := connect(t, pgtest.URL(t))
	for _, name := range []string{"nowhere", "pg_catalog", "information_schema", "pleat"} {
		_, err := inspect.Inspect(t.Context(), conn, inspect.Options{Schemas: []string{"public", name}})
		if err == nil || !strings.Contains(err.Error(), "schema "+name) {
			t.Errorf("schema %s: %v", name, err)
		}
	}
}

// TestIgnoredTableTakesItsSequence: what a table owns belongs to it, and what another table uses of it is listed.
func TestIgnoredTableTakesItsSequence(t *testing.T) {
	url := pgtest.URL(t)
	pgtest.Exec(t, url, `CREATE TABLE tool (id serial); CREATE TABLE "to.l" (id serial); CREATE TABLE kept (id serial, other int DEFAULT nextval('tool_id_seq'))`)
	got := names(inspectURL(t, url, inspect.Options{Schemas: []string{"public"}, Ignore: []string{"public.to?l"}}))
	want := []string{
		"schema public", "unmanaged sequence public.tool_id_seq", "sequence public.kept_id_seq", "table public.kept",
		"default public.kept.id", "default public.kept.other",
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestIgnoreRefusesNonsense(t *testing.T) {
	conn := connect(t, pgtest.URL(t))
	for _, pattern := range []string{"", "a..b", "a.b.c.d"} {
		if _, err := inspect.Inspect(t.Context(), conn, inspect.Options{Ignore: []string{pattern}}); err == nil {
			t.Errorf("pattern %q was taken", pattern)
		}
	}
}
