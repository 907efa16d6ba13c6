package planner

import (
	"slices"

	"github.com/pleatdb/pleat/schema"
)

// event says how the state before of an object or column ends.
type event uint8

const (
	// gone: it is not there afterwards.
	gone event = iota + 1
	// again: it is dropped and created again.
	again
	// retyped: a column changes its type where it stands.
	retyped
)

type ending struct {
	id    schema.ID
	event event
}

// expand decides how each change is made and finds everything that has to be taken down and put up again because
// something that it needs ends. It works through the endings until no new one appears.
func (p *planning) expand() error {
	if len(p.changes) == 0 {
		return nil
	}
	p.dependents = p.from.NeededBy()
	var queue []ending
	for _, id := range p.changedIDs() {
		c := p.changes[id]
		if c.mode == alter {
			if err := p.decide(id, c); err != nil {
				return err
			}
		}
		queue = append(queue, p.endings(id, c)...)
	}
	done := map[ending]bool{}
	for len(queue) > 0 {
		e := queue[0]
		queue = queue[1:]
		if done[e] {
			continue
		}
		done[e] = true
		for _, x := range p.dependents[e.id] {
			more, err := p.spread(e, x)
			if err != nil {
				return err
			}
			queue = append(queue, more...)
		}
	}
	p.keepReplicaIdentity()
	return nil
}

// keepReplicaIdentity takes in the tables whose replica identity is an index that is built anew, with which it would end.
func (p *planning) keepReplicaIdentity() {
	for _, id := range p.changedIDs() {
		table := schema.ID{Kind: schema.KindTable, Schema: id.Schema, Name: id.Parent}
		from, before := p.from.Get(table).(*schema.Table)
		_, after := p.to.Get(table).(*schema.Table)
		if !before || !after || p.changes[table] != nil || !slices.Contains(indexIDs(table, from.ReplicaIndex), id) {
			continue
		}
		if p.changes[id].mode == replace {
			p.changes[table] = &change{Change: Change{from, p.to.Get(table)}, mode: alter}
		}
	}
}

// decide settles whether a changed object can be altered where it stands.
func (p *planning) decide(id schema.ID, c *change) error {
	if from, ok := c.From.(*schema.Table); ok {
		return p.compareColumns(from, c.To.(*schema.Table))
	}
	if r := rules[id.Kind]; r.replaces == nil || p.opts.Up.Rebuild[id] || r.replaces(p, c.From, c.To) {
		c.mode = replace
	}
	return nil
}

// endings lists the states that a decided change brings to an end.
func (p *planning) endings(id schema.ID, c *change) []ending {
	var out []ending
	switch c.mode {
	case drop:
		out = append(out, ending{id, gone})
	case replace:
		out = append(out, ending{id, again})
	case alter:
		return p.columnEndings(id)
	default:
		return nil
	}
	for _, column := range p.from.Columns(id) {
		out = append(out, ending{column, out[0].event})
	}
	return out
}

// spread decides what the end of e means for x, which needs it.
func (p *planning) spread(e ending, x schema.ID) ([]ending, error) {
	if x.Kind == schema.KindColumn {
		return p.spreadToColumn(e, x)
	}
	if x.Kind == schema.KindUnmanaged && !(e.event == retyped && engineFollows(p.from, x)) {
		return nil, &Unsupported{e.id, "it cannot be dropped or rebuilt, because " + x.String() + ", which pleat does not manage, depends on it"}
	}
	if !p.to.Has(x) {
		return nil, nil // dropped by its own change
	}
	c := p.changes[x]
	if c == nil {
		c = &change{Change: Change{p.from.Get(x), p.to.Get(x)}}
	}
	if c.mode == replace || x.Kind == schema.KindTable || x.Kind == schema.KindSequence && e.event != again {
		return nil, nil
	}
	switch e.event {
	case retyped:
		if engineFollows(p.from, x) {
			return nil, nil
		}
		c.mode = replace
	case gone:
		p.remake(e, x, c)
	case again:
		if x.Kind == schema.KindSchema || x.Kind == schema.KindExtension {
			return nil, &Unsupported{e.id, "it cannot be rebuilt, because " + x.String() + " depends on it"}
		}
		c.mode = replace
	}
	p.changes[x] = c
	if c.mode != replace {
		return nil, nil
	}
	return p.endings(x, c), nil
}

// remake makes an object anew because something that it needs is gone: in place where the kind allows it, unless
// something else takes the place of what is gone under the same name.
func (p *planning) remake(e ending, x schema.ID, c *change) {
	switch r := rules[x.Kind]; {
	case p.to.Has(e.id) || p.succeeded(e.id):
		c.mode = replace
	case p.overloaded(e.id):
		// While both are there, the text of x would find the old one again.
		c.mode = replace
		c.awaits = append(c.awaits, e.id)
	case c.mode == alter && p.crosses(e.id, x):
		// What is gone may be in the way of the new type, which must be there before x is in its new state.
		c.mode = replace
	case c.mode == alter:
		// its own change releases what is gone
	case r.remakes && !r.replaces(p, c.From, c.To):
		c.mode = alter
	default:
		c.mode = replace
	}
}

// overloaded reports whether a routine that goes leaves another one of its name, which calls without all arguments or
// types could mean.
func (p *planning) overloaded(gone schema.ID) bool {
	if !gone.Kind.IsRoutine() {
		return false
	}
	for id, c := range p.changes {
		if c.To != nil && id.Kind == gone.Kind && id.Schema == gone.Schema && id.Name == gone.Name {
			return true
		}
	}
	return false
}

// crosses reports whether the new state of x needs a column that changes its type, on which what is gone is built.
func (p *planning) crosses(gone, x schema.ID) bool {
	retyped := map[schema.ID]bool{}
	for _, need := range p.to.Needs(x) {
		if c := p.columns[need]; c != nil && (c.retype || c.swap) {
			retyped[need] = true
		}
	}
	seen := map[schema.ID]bool{}
	for stack := []schema.ID{gone}; len(stack) > 0 && len(retyped) > 0; {
		id := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if retyped[id] {
			return true
		}
		if !seen[id] {
			seen[id] = true
			stack = append(stack, p.from.AllNeeds(id)...)
		}
	}
	return false
}

// succeeded reports whether an object of another kind takes the name of what is gone, or of the relation of which it was
// a column.
func (p *planning) succeeded(id schema.ID) bool {
	if owner, ok := p.from.Owner(id); ok && id.Kind == schema.KindColumn {
		id = owner
	}
	if !id.Kind.IsRelation() && !id.Kind.IsType() {
		return false
	}
	for _, kind := range []schema.Kind{schema.KindTable, schema.KindView, schema.KindMaterialized, schema.KindComposite, schema.KindEnum, schema.KindDomain} {
		if kind != id.Kind && p.to.Has(schema.ID{Kind: kind, Schema: id.Schema, Name: id.Name}) {
			return true
		}
	}
	return false
}

// engineFollows reports whether PostgreSQL itself carries x through a change of the type of a column that it needs
// (ALTER TABLE documentation, "SET DATA TYPE": indexes and simple constraints are converted).
func engineFollows(c *schema.Catalog, x schema.ID) bool {
	switch x.Kind {
	case schema.KindIndex, schema.KindPrimaryKey, schema.KindUnique, schema.KindExclude, schema.KindCheck,
		schema.KindComment, schema.KindOwner, schema.KindGrant, schema.KindSequence:
		return true
	case schema.KindUnmanaged:
		return c.Get(x).(*schema.Unmanaged).What == "extended statistics"
	}
	return false
}
