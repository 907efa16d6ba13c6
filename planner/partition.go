package planner

import (
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// partitionKey writes what follows PARTITION BY.
func partitionKey(k *schema.PartitionKey) string {
	parts := make([]string, len(k.Elements))
	for i, e := range k.Elements {
		parts[i] = schema.Quote(e.Column)
		if e.Expr != "" {
			parts[i] = "(" + e.Expr + ")"
		}
		parts[i] += collate(e.Collation)
		if e.OpClass != "" {
			parts[i] += " " + e.OpClass
		}
	}
	return k.Strategy + " (" + strings.Join(parts, ", ") + ")"
}

// attachesLater reports whether a new partition is created as a table of its own and attached once its indexes
// are there. Created as PARTITION OF, the engine would give it the indexes of its parent under names of its own choice.
func (p *planning) attachesLater(t *schema.Table) bool {
	if t.PartitionOf == nil || p.opts.Lenient || p.from.Get(t.ID()) != nil {
		return false
	}
	parent := schema.ID{Kind: schema.KindTable, Schema: t.PartitionOf.Parent.Schema, Name: t.PartitionOf.Parent.Name}
	if p.from.Get(parent) == nil {
		return false // the parent is new: its indexes come after its partitions
	}
	if p.opts.Online {
		return true // PARTITION OF would keep everybody from the parent
	}
	for _, id := range p.to.IDs() {
		if id.Schema == parent.Schema && id.Parent == parent.Name && isIndexed(id.Kind) {
			return true
		}
	}
	return false
}

// detaches reports whether what belongs to a table is set free because the table leaves the one of which it is a partition: its
// indexes and keys stay, as its own.
func (p *planning) detaches(id schema.ID) bool {
	if p == nil {
		return false
	}
	from, before := p.from.Get(tableOf(id)).(*schema.Table)
	to, after := p.to.Get(tableOf(id)).(*schema.Table)
	return before && after && from.PartitionOf != nil && to.PartitionOf == nil
}

// inheritedChecks writes the checks that a table must have before it can be attached.
func (p *planning) inheritedChecks(t *schema.Table) []string {
	var out []string
	for parent := t; parent.PartitionOf != nil; {
		name := parent.PartitionOf.Parent
		next, ok := p.to.Get(schema.ID{Kind: schema.KindTable, Schema: name.Schema, Name: name.Name}).(*schema.Table)
		if !ok {
			break
		}
		parent = next
		for _, id := range p.to.IDs() {
			if id.Kind == schema.KindCheck && id.Schema == next.Schema && id.Parent == next.Name {
				out = append(out, checkClause(p.to.Get(id).(*schema.Check)))
			}
		}
	}
	return out
}

// attach makes the table a partition once what it needs to be one is there.
func (p *planning) attach(t *schema.Table) {
	parent := schema.ID{Kind: schema.KindTable, Schema: t.PartitionOf.Parent.Schema, Name: t.PartitionOf.Parent.Name}
	a := p.add(&action{
		id:       t.ID(),
		sql:      []string{"ALTER TABLE " + t.PartitionOf.Parent.SQL() + " ATTACH PARTITION " + t.ID().SQL() + " " + t.PartitionOf.Bound},
		wants:    []schema.ID{t.ID(), parent},
		occupies: parent,
	})
	for _, id := range p.changedIDs() {
		own := id.Schema == t.Schema && id.Parent == t.Name
		switch {
		case own && (isIndexed(id.Kind) || id.Kind == schema.KindCheck || id.Kind == schema.KindDefault):
			a.wants = append(a.wants, id)
		case id.Schema == parent.Schema && id.Parent == parent.Name:
			a.wants = append(a.wants, id)
		}
	}
	a.wants = append(a.wants, p.to.Columns(t.ID())...)
	a.wants = append(a.wants, p.to.Columns(parent)...)
}

// alterPlace changes where a table stands among others: partition, child, or typed.
func (p *planning) alterPlace(from, to *schema.Table) {
	prefix := tableSQL(to.Schema, to.Name)
	if from.PartitionOf != nil && (to.PartitionOf == nil || *from.PartitionOf != *to.PartitionOf) {
		parent := schema.ID{Kind: schema.KindTable, Schema: from.PartitionOf.Parent.Schema, Name: from.PartitionOf.Parent.Name}
		a := p.add(&action{id: from.ID(), precedes: []schema.ID{parent}, vacates: parent,
			sql: []string{"ALTER TABLE " + from.PartitionOf.Parent.SQL() + " DETACH PARTITION " + from.ID().SQL()}})
		p.detached(a, from)
	}
	if to.PartitionOf != nil && (from.PartitionOf == nil || *from.PartitionOf != *to.PartitionOf) {
		p.attach(to)
	}
	p.alterInherits(prefix, from, to)
	switch {
	case sameName(from.Of, to.Of):
	case to.Of == nil:
		p.add(&action{id: to.ID(), sql: []string{prefix + " NOT OF"}})
	default:
		of := schema.ID{Kind: schema.KindComposite, Schema: to.Of.Schema, Name: to.Of.Name}
		p.add(&action{id: to.ID(), sql: []string{prefix + " OF " + to.Of.SQL()}, wants: append(p.to.Columns(to.ID()), of)})
	}
}

// detached puts a detach before everything else that happens to the table.
func (p *planning) detached(a *action, t *schema.Table) {
	for _, b := range p.actions {
		own := b.id == t.ID() || b.id.Schema == t.Schema && b.id.Parent == t.Name
		if own && b != a {
			b.after = append(b.after, a)
		}
	}
}

// alterInherits leaves parents and takes on new ones.
func (p *planning) alterInherits(prefix string, from, to *schema.Table) {
	has := func(list []schema.Name, n schema.Name) bool {
		for _, x := range list {
			if x == n {
				return true
			}
		}
		return false
	}
	for _, n := range from.Inherits {
		if !has(to.Inherits, n) {
			p.add(&action{id: to.ID(), sql: []string{prefix + " NO INHERIT " + n.SQL()},
				precedes: []schema.ID{{Kind: schema.KindTable, Schema: n.Schema, Name: n.Name}}})
		}
	}
	for _, n := range to.Inherits {
		if !has(from.Inherits, n) {
			parent := schema.ID{Kind: schema.KindTable, Schema: n.Schema, Name: n.Name}
			p.add(&action{id: to.ID(), sql: []string{prefix + " INHERIT " + n.SQL()},
				wants: append(append(p.to.Columns(to.ID()), p.to.Columns(parent)...), parent)})
		}
	}
}

// connectBounds lets go of the bounds of a partition before another one takes them.
func (p *planning) connectBounds(g *graph) {
	freed := map[schema.ID][]*action{}
	for _, a := range p.actions {
		if a.vacates != (schema.ID{}) {
			freed[a.vacates] = append(freed[a.vacates], a)
		}
		if t, ok := p.from.Get(a.id).(*schema.Table); ok && a.verb == "drop" && t.PartitionOf != nil {
			parent := tableOf(schema.ID{Schema: t.PartitionOf.Parent.Schema, Parent: t.PartitionOf.Parent.Name})
			freed[parent] = append(freed[parent], a)
		}
	}
	for _, a := range p.actions {
		takes := a.occupies
		if t, ok := p.to.Get(a.id).(*schema.Table); ok && a.verb == "create" && t.PartitionOf != nil && !p.attachesLater(t) {
			takes = tableOf(schema.ID{Schema: t.PartitionOf.Parent.Schema, Parent: t.PartitionOf.Parent.Name})
		}
		if takes != (schema.ID{}) {
			g.edges(freed[takes], a)
		}
	}
}
