package inspect_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/schema"
)

// entry is a line of pg_dump's table of contents.
var entry = regexp.MustCompile(`(?m)^-- Name: (.*); Type: ([A-Z ]+); Schema: (.*); Owner:`)

// dumpTypes are the types of entries that correspond to one object of the model each.
var dumpTypes = []string{"SCHEMA", "EXTENSION", "DOMAIN", "TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE", "INDEX", "CONSTRAINT",
	"FK CONSTRAINT", "TRIGGER", "POLICY", "RULE", "FUNCTION", "PROCEDURE"}

// dumped lists the entries of those types.
func dumped(dump string) map[string]bool {
	out := map[string]bool{}
	for _, m := range entry.FindAllStringSubmatch(dump, -1) {
		namespace := strings.ReplaceAll(m[3], "-", "")
		// A view that refers to a later object gets its query from a rule of that name in the dump.
		if slices.Contains(dumpTypes, m[2]) && !(m[2] == "RULE" && strings.HasSuffix(m[1], " _RETURN")) {
			out[m[2]+" "+namespace+" "+m[1]] = true
		}
	}
	return out
}

// entryOf is the type and name under which pg_dump lists an object, or "".
func entryOf(o schema.Object) string {
	id := o.ID()
	owned := " " + id.Schema + " " + id.Parent + " " + id.Name
	free := " " + id.Schema + " " + id.Name
	switch o := o.(type) {
	case *schema.Unmanaged:
		if o.What == "attribute enabled state" {
			return "TRIGGER" + owned
		}
	case *schema.Namespace:
		return "SCHEMA" + free
	case *schema.Extension:
		return "EXTENSION" + free
	case *schema.Domain:
		return "DOMAIN" + free
	case *schema.Table:
		return "TABLE" + free
	case *schema.View:
		return "VIEW" + free
	case *schema.Materialized:
		return "MATERIALIZED VIEW" + free
	case *schema.Sequence:
		return "SEQUENCE" + free
	case *schema.Index:
		return "INDEX" + free
	case *schema.PrimaryKey, *schema.Unique, *schema.Exclude:
		return "CONSTRAINT" + owned
	case *schema.ForeignKey:
		return "FK CONSTRAINT" + owned
	case *schema.Trigger:
		return "TRIGGER" + owned
	case *schema.Policy:
		return "POLICY" + owned
	case *schema.Rule:
		return "RULE" + owned
	case *schema.Function:
		return "FUNCTION" + free + "(" + id.Args + ")"
	case *schema.Procedure:
		return "PROCEDURE" + free + "(" + id.Args + ")"
	}
	return ""
}

// checkDump holds the catalog against what pg_dump lists of the same database, in both directions.
func checkDump(t *testing.T, catalog *schema.Catalog, dump string) {
	t.Helper()
	want := dumped(dump)
	got := map[string]bool{}
	for _, id := range catalog.IDs() {
		o := catalog.Get(id)
		if e := entryOf(o); e != "" && e != "SCHEMA  public" {
			got[e] = true
		}
		if table, ok := o.(*schema.Table); ok {
			for _, c := range table.Columns {
				if c.Identity != nil {
					got["SEQUENCE "+id.Schema+" "+c.Identity.Sequence] = true
				}
			}
		}
	}
	// pg_dump writes a line break in a name as a space.
	for _, e := range slices.Sorted(maps.Keys(got)) {
		if flat := strings.ReplaceAll(e, "\n", " "); flat != e {
			delete(got, e)
			got[flat] = true
		}
	}
	for _, e := range slices.Sorted(maps.Keys(want)) {
		if !got[e] && e != "SCHEMA  public" {
			t.Errorf("pg_dump has %s", e)
		}
	}
	for _, e := range slices.Sorted(maps.Keys(got)) {
		if !want[e] {
			t.Errorf("pg_dump does not have %s", e)
		}
	}
}
