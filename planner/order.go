package planner

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// order sorts the actions so that everything exists while it is needed. Where the graph leaves a choice, the
// order of rank decides, so that the same change always gives the same text.
func (p *planning) order() error {
	slices.SortStableFunc(p.actions, p.compareActions)
	g := newGraph(p.actions)
	p.connect(g)
	sorted, err := g.sort(p.opts.Lenient)
	p.actions = sorted
	return err
}

// connect derives the edges of the graph from what the actions make, drop and leave.
func (p *planning) connect(g *graph) {
	makers, droppers := map[schema.ID][]*action{}, map[schema.ID][]*action{}
	for _, a := range p.actions {
		for _, id := range a.makes {
			makers[id] = append(makers[id], a)
		}
		p.adopt(a)
		for _, id := range a.drops {
			droppers[id] = append(droppers[id], a)
			makers[endOf(id)] = append(makers[endOf(id)], a)
		}
	}
	for _, a := range p.actions {
		for _, b := range a.after {
			g.edge(b, a)
		}
		for _, id := range a.wants {
			g.edges(makers[id], a)
		}
		for _, id := range a.precedes {
			for _, b := range droppers[id] {
				g.edge(a, b)
			}
		}
		for _, id := range a.makes {
			for _, need := range needs(p.to, id) {
				g.edges(makers[need], a)
			}
			for _, b := range droppers[id] {
				g.edge(b, a)
			}
		}
		p.connectLeaving(g, a, droppers)
	}
	p.connectNames(g)
	p.connectBounds(g)
	p.connectAttached(g, makers)
	p.connectClauses(g, makers)
}

// connectLeaving orders an action before the end of what its objects needed, unless they go on needing it.
func (p *planning) connectLeaving(g *graph, a *action, droppers map[schema.ID][]*action) {
	for _, id := range a.leaves {
		kept := map[schema.ID]bool{}
		if !slices.Contains(a.drops, id) {
			for _, need := range needs(p.to, id) {
				kept[need] = true
			}
		}
		for _, need := range needs(p.from, id) {
			if kept[need] {
				continue
			}
			for _, b := range droppers[need] {
				g.edge(a, b)
			}
		}
	}
}

// adopt adds to a dropping action what the engine drops along with it.
func (p *planning) adopt(a *action) {
	for i := 0; i < len(a.drops); i++ {
		for _, id := range p.aliases[a.drops[i]] {
			if !slices.Contains(a.drops, id) {
				a.drops = append(append(a.drops, id), p.from.Columns(id)...)
				a.leaves = append(append(a.leaves, id), p.from.Columns(id)...)
			}
		}
	}
}

// connectNames lets go of a name before something else takes it: relations, indexes and types of a schema
// share one space of names, routines another.
func (p *planning) connectNames(g *graph) {
	freed := map[schema.ID][]*action{}
	for _, a := range p.actions {
		for _, id := range a.drops {
			for _, key := range append(nameKeys(id), identityName(p.from, id)...) {
				freed[key] = append(freed[key], a)
			}
		}
		for _, id := range a.frees {
			freed[id] = append(freed[id], a)
		}
	}
	for _, a := range p.actions {
		for _, id := range a.makes {
			if p.from.Get(id) != nil && p.changes[id] != nil && p.changes[id].mode == alter {
				continue
			}
			for _, key := range append(nameKeys(id), identityName(p.to, id)...) {
				g.edges(freed[key], a)
			}
		}
	}
}

// identityName is the name that a column's identity occupies by its sequence.
func identityName(c *schema.Catalog, id schema.ID) []schema.ID {
	if id.Kind != schema.KindColumn {
		return nil
	}
	owner, _ := c.Owner(id)
	t, ok := c.Get(owner).(*schema.Table)
	if !ok || t.Column(id.Name) == nil || t.Column(id.Name).Identity == nil {
		return nil
	}
	name := t.Column(id.Name).Identity.Sequence
	if name == "" {
		name = t.Name + "_" + id.Name + "_seq" // what PostgreSQL chooses where it can
	}
	return []schema.ID{{Schema: t.Schema, Name: name}}
}

// nameKeys are the names that an object occupies (pg_class and pg_type, pg_proc, pg_constraint).
func nameKeys(id schema.ID) []schema.ID {
	switch {
	case id.Kind.IsRoutine():
		return []schema.ID{{Kind: schema.KindFunction, Schema: id.Schema, Name: id.Name, Args: id.Args}}
	case id.Kind.IsRelation(), id.Kind.IsType(), id.Kind == schema.KindSequence, id.Kind == schema.KindIndex:
		return []schema.ID{{Schema: id.Schema, Name: id.Name}}
	case id.Kind == schema.KindPrimaryKey: // of which a table has one, whatever its name
		return []schema.ID{{Schema: id.Schema, Name: id.Name}, {Schema: id.Schema, Parent: id.Parent, Name: id.Name},
			{Kind: schema.KindPrimaryKey, Schema: id.Schema, Parent: id.Parent}}
	case id.Kind == schema.KindUnique, id.Kind == schema.KindExclude:
		return []schema.ID{{Schema: id.Schema, Name: id.Name}, {Schema: id.Schema, Parent: id.Parent, Name: id.Name}}
	case id.Kind.IsConstraint():
		return []schema.ID{{Schema: id.Schema, Parent: id.Parent, Name: id.Name}}
	}
	return nil
}

// connectAttached builds the index of a partition before that of its parent, which then takes it as its own.
func (p *planning) connectAttached(g *graph, makers map[schema.ID][]*action) {
	for _, a := range p.actions {
		for _, id := range a.makes {
			if parent, ok := attachedParent(p.to, id); ok {
				for _, b := range makers[parent] {
					g.edge(a, b)
				}
			} else if p.opts.Lenient {
				p.connectUnattached(g, a, id)
			}
		}
	}
}

// connectUnattached does the same where nobody knows yet which index of a partition belongs to which of its parent: all
// of the partition's come first.
func (p *planning) connectUnattached(g *graph, a *action, id schema.ID) {
	if !isIndexed(id.Kind) {
		return
	}
	t, ok := p.to.Get(tableOf(id)).(*schema.Table)
	if !ok || t.PartitionOf == nil {
		return
	}
	for _, b := range p.actions {
		if isIndexed(b.id.Kind) && b.id.Schema == t.PartitionOf.Parent.Schema && b.id.Parent == t.PartitionOf.Parent.Name {
			g.edge(a, b)
		}
	}
}

// isIndexed reports whether an index stands behind objects of the kind that a partition can share with its parent.
func isIndexed(kind schema.Kind) bool {
	return kind == schema.KindIndex || kind == schema.KindPrimaryKey || kind == schema.KindUnique
}

// compareActions is the order of rank: what goes comes last, otherwise by kind and name.
func (p *planning) compareActions(a, b *action) int {
	return cmp.Or(
		cmp.Compare(a.rank(), b.rank()),
		cmp.Compare(a.id.Kind, b.id.Kind),
		a.id.Compare(b.id),
		cmp.Compare(strings.Join(a.sql, ";"), strings.Join(b.sql, ";")),
	)
}

func (a *action) rank() int {
	switch {
	case a.late:
		return 2
	case len(a.drops) > 0 && len(a.makes) == 0:
		return 1
	}
	return 0
}
