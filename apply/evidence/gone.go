package evidence

import (
	"fmt"

	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema"
)

// gone is what a contract takes away, by the names under which it was known.
type gone struct {
	live, before, after *schema.Catalog
	// columns went from relations that stay; objects went whole.
	columns, objects []schema.ID
	// absent is what the shadow could not build: nothing tried there says anything about it.
	absent map[schema.ID]bool
	// carriers are, for each relation that lost a column, the names through which the column can be reached.
	carriers map[schema.ID]map[string]bool
}

// goneBetween compares the two sides of a pair.
func goneBetween(live *schema.Catalog, pair *shadow.Pair) *gone {
	g := &gone{live: live, before: pair.BeforeState, after: pair.AfterState, absent: map[schema.ID]bool{}, carriers: map[schema.ID]map[string]bool{}}
	for _, id := range pair.Absent {
		g.absent[id] = true
	}
	for _, id := range g.before.IDs() {
		if !g.after.Has(id) {
			if usable(id.Kind) {
				g.objects = append(g.objects, id)
			}
			continue
		}
		for _, column := range g.before.Columns(id) {
			if !g.after.Has(column) {
				g.columns = append(g.columns, column)
				if g.carriers[id] == nil {
					g.carriers[id] = g.reach(id)
				}
			}
		}
	}
	return g
}

// usable reports whether statements and bodies name objects of a kind.
func usable(k schema.Kind) bool {
	switch k {
	case schema.KindSchema, schema.KindEnum, schema.KindDomain, schema.KindComposite, schema.KindSequence, schema.KindTable,
		schema.KindView, schema.KindMaterialized, schema.KindFunction, schema.KindProcedure:
		return true
	}
	return false
}

// reach are the names of a relation and of everything built on it, on which its columns may be seen.
func (g *gone) reach(id schema.ID) map[string]bool {
	names, seen := map[string]bool{}, map[schema.ID]bool{}
	var visit func(id schema.ID)
	visit = func(id schema.ID) {
		if owner, ok := g.live.Owner(id); ok {
			id = owner
		}
		if seen[id] {
			return
		}
		seen[id] = true
		if !id.Kind.IsRelation() && !id.Kind.IsRoutine() && id.Kind != schema.KindUnmanaged {
			return
		}
		names[id.Name] = true
		for _, part := range append(g.live.Columns(id), id) {
			for _, dependent := range g.live.NeededBy()[part] {
				visit(dependent)
			}
		}
	}
	visit(id)
	return names
}

// home is the relation of a column.
func home(c *schema.Catalog, column schema.ID) schema.ID {
	owner, _ := c.Owner(column)
	return owner
}

// mentioned says which thing that goes a text may be about, given the identifiers in it; empty for none. A trigger function need not
// name its table, so those of the given relations are taken as named.
func (g *gone) mentioned(words map[string]bool, on map[schema.ID]bool) string {
	for _, id := range g.objects {
		if words[id.Name] {
			return id.String()
		}
	}
	for _, column := range g.columns {
		if !words[column.Name] {
			continue
		}
		relation := home(g.before, column)
		if on[relation] {
			return column.String()
		}
		for name := range g.carriers[relation] {
			if words[name] {
				return column.String()
			}
		}
	}
	return ""
}

// names says what a text names, as a reason.
func names(what string) string { return fmt.Sprintf("its text names %s", what) }

// lost reports whether a column, or the relation that it was of, goes.
func (g *gone) lost(namespace, relation, column string) bool {
	for _, id := range g.columns {
		if id.Schema == namespace && id.Parent == relation && id.Name == column {
			return true
		}
	}
	return g.lostRelation(namespace, relation)
}

func (g *gone) lostRelation(namespace, relation string) bool {
	for _, id := range g.objects {
		if id.Kind.IsRelation() && id.Schema == namespace && id.Name == relation {
			return true
		}
	}
	return false
}
