package evidence

import (
	"context"
	"slices"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// dependents finds what in the database itself stands on what goes: by the catalogs, and by the text of bodies.
func (c *collector) dependents(_ context.Context, _ *shadow.Pair, g *gone) error {
	seen := map[schema.ID]bool{}
	for _, id := range append(slices.Clone(g.objects), g.columns...) {
		for _, dependent := range g.live.NeededBy()[id] {
			if !seen[dependent] && g.left(id, dependent) {
				seen[dependent] = true
				c.use(dependent, "it stands on "+id.String()+", and the contract does not take care of it")
			}
		}
	}
	on := g.triggerTables()
	for _, id := range slices.Concat(g.after.IDs(), absentRoutines(g)) {
		// What the contract itself makes, or gives another name, it takes care of.
		if seen[id] || g.fresh(id) && !g.absent[id] {
			continue
		}
		body, ok := bodyOf(g.after, id)
		if !ok {
			body, ok = bodyOf(g.live, id)
		}
		if !ok {
			continue
		}
		if what := g.mentioned(sqltext.Mentions(body), on[id]); what != "" {
			c.use(id, names(what))
		}
	}
	return nil
}

func (c *collector) use(id schema.ID, reason string) {
	source := id.Kind.String()
	if id.Kind == schema.KindUnmanaged {
		source = id.Args
	}
	c.out.Uses = append(c.out.Uses, apply.Use{Query: id.Path(), Source: source, Reason: reason})
}

// left reports whether something that needed what goes is still there after the contract, and still needs it under whatever name it
// has by then. What belongs to a column or table goes with it.
func (g *gone) left(id, dependent schema.ID) bool {
	owner, _ := g.live.Owner(dependent)
	switch {
	case dependent.Kind == schema.KindUnmanaged, g.absent[dependent], g.absent[owner]:
		return true
	case dependent == id, owner == id:
		return false
	}
	switch dependent.Kind {
	case schema.KindView, schema.KindMaterialized, schema.KindFunction, schema.KindProcedure, schema.KindPolicy, schema.KindRule, schema.KindTrigger:
	case schema.KindColumn:
		// A computed column, or one whose type goes.
	case schema.KindForeignKey:
		if home(g.live, id) == owner {
			return false
		}
	default:
		return false
	}
	if !g.after.Has(dependent) {
		return false
	}
	needs := g.after.DependsOn(dependent)
	if !dependent.Kind.IsRelation() {
		return slices.ContainsFunc(needs, g.fresh)
	}
	return slices.ContainsFunc(g.after.AllNeeds(dependent), g.fresh)
}

// fresh reports whether something came with the contract: to what goes, it is its new name.
func (g *gone) fresh(id schema.ID) bool { return !g.before.Has(id) }

// triggerTables are the relations whose triggers call a function.
func (g *gone) triggerTables() map[schema.ID]map[schema.ID]bool {
	out := map[schema.ID]map[schema.ID]bool{}
	for _, id := range g.after.IDs() {
		trigger, ok := g.after.Get(id).(*schema.Trigger)
		if !ok {
			continue
		}
		function := schema.ID{Kind: schema.KindFunction, Schema: trigger.Function.Schema, Name: trigger.Function.Name}
		if out[function] == nil {
			out[function] = map[schema.ID]bool{}
		}
		if owner, ok := g.after.Owner(id); ok {
			out[function][owner] = true
		}
	}
	return out
}

func absentRoutines(g *gone) (out []schema.ID) {
	for id := range g.absent {
		if id.Kind.IsRoutine() {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, schema.ID.Compare)
	return out
}

// bodyOf is the text of a routine that PostgreSQL does not look into before it runs.
func bodyOf(c *schema.Catalog, id schema.ID) (string, bool) {
	var r *schema.Routine
	switch o := c.Get(id).(type) {
	case *schema.Function:
		r = &o.Routine
	case *schema.Procedure:
		r = &o.Routine
	default:
		return "", false
	}
	return r.Body, r.Body != "" && r.Language != "c" && r.Language != "internal"
}
