package adopt

import (
	"slices"

	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// The kinds of a difference, seen from the database.
const (
	// Missing is what the files make and the database has not.
	Missing = "missing"
	// Extra is what the database has and no file makes.
	Extra = "extra"
	// Changed is what both have, in different forms.
	Changed = "changed"
)

// Difference is one object in which the database is not what the files build.
type Difference struct {
	Object string
	// Kind is "missing" in the database, "extra" in the database, or "changed".
	Kind string
	// Detail says what, a line each: first what the files say, then what is there.
	Detail []string
}

// comparable is the part of a state about which files can say something: without owners, privileges and what pleat cannot model, without
// what a new database holds in any case, and without what was laid in and nothing was built in.
func (a *aligner) comparable(c, given *schema.Catalog) *schema.Catalog {
	used := map[string]bool{}
	for _, id := range c.IDs() {
		if id.Schema != "" && id.Kind != schema.KindUnmanaged {
			used[id.Schema] = true
		}
	}
	out := schema.New()
	for _, id := range c.IDs() {
		subject := id.Target()
		switch {
		case id.Kind == schema.KindOwner || id.Kind == schema.KindGrant || id.Kind == schema.KindUnmanaged:
		case a.empty.Has(subject) && c.Has(subject) && unchanged(a.empty, c, id):
		case a.outside(id):
		case given != nil && given.Has(subject) && subject.Kind == schema.KindExtension:
		case given != nil && given.Has(subject) && subject.Kind == schema.KindSchema && !used[subject.Name] && subject.Name != a.History.Source.Schema:
		default:
			out.Put(c, id)
		}
	}
	return out
}

// unchanged reports whether an object of a new database is as it was made.
func unchanged(empty, c *schema.Catalog, id schema.ID) bool {
	return empty.Has(id) && planner.Equal(empty.Get(id), c.Get(id)) || id.Kind == schema.KindComment && id.Target().Kind == schema.KindExtension
}

// outside reports whether the live state was read without the object's schema.
func (a *aligner) outside(id schema.ID) bool {
	if a.Schemas == nil {
		return false
	}
	home := id.Schema
	if id.Target().Kind == schema.KindSchema {
		home = id.Target().Name
	}
	return home != "" && !slices.Contains(a.Schemas, home)
}

// differing lists what is not the same in two states.
func differing(from, to *schema.Catalog) (out []schema.ID) {
	for _, c := range planner.Diff(from, to) {
		out = append(out, c.ID())
	}
	return out
}

// without leaves objects out.
func without(c *schema.Catalog, skip map[schema.ID]bool) *schema.Catalog {
	out := c.Clone()
	for _, id := range c.IDs() {
		if skip[id] || skip[id.Target()] {
			out.Remove(id)
		}
	}
	return out
}

// Differences are those of what is there from what was expected, what comes or goes with its table in the table's own lines.
func Differences(expected, live *schema.Catalog) []Difference {
	out := []Difference{}
	at := map[string]int{}
	kinds := map[string]string{"create": Extra, "delete": Missing, "update": Changed}
	for _, c := range view.Differences(expected, live) {
		if i, ok := at[c.Within]; ok && c.Within != "" {
			out[i].Detail = append(out[i].Detail, "with "+c.Object)
			continue
		}
		at[c.Object] = len(out)
		out = append(out, Difference{Object: c.Object, Kind: kinds[c.Action], Detail: c.Lines()})
	}
	return out
}
