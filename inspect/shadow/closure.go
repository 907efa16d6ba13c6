package shadow

import (
	"slices"

	"github.com/pleatdb/pleat/schema"
)

// closure is a growing set of objects together with all that they need in one catalog.
type closure struct {
	catalog *schema.Catalog
	ids     map[schema.ID]bool
	// keys lists what partitions share with their parents, by table; nil until it is asked for.
	keys map[schema.Name][]schema.ID
}

func newClosure(c *schema.Catalog) *closure {
	return &closure{catalog: c, ids: map[schema.ID]bool{}}
}

// add takes in an object or the owner of a column, and everything it needs.
func (s *closure) add(id schema.ID) {
	for stack := []schema.ID{id}; len(stack) > 0; {
		id := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if id.Kind == schema.KindColumn {
			owner, ok := s.catalog.Owner(id)
			if !ok {
				continue
			}
			id = owner
		}
		if s.ids[id] || s.catalog.Get(id) == nil {
			continue
		}
		s.ids[id] = true
		stack = append(stack, s.catalog.AllNeeds(id)...)
		if seq, ok := s.catalog.Get(id).(*schema.Sequence); ok && seq.OwnedBy != nil {
			stack = append(stack, seq.OwnedBy.ID())
		}
		if t, ok := s.catalog.Get(id).(*schema.Table); ok && t.PartitionOf != nil {
			stack = append(append(stack, s.shared(t.PartitionOf.Parent)...), s.shared(schema.Name{Schema: t.Schema, Name: t.Name})...)
		}
	}
}

// shared lists the keys, indexes and checks of a table: without those of its parent a partition is another one.
func (s *closure) shared(table schema.Name) []schema.ID {
	if s.keys == nil {
		s.keys = map[schema.Name][]schema.ID{}
		for _, id := range s.catalog.IDs() {
			switch id.Kind {
			case schema.KindPrimaryKey, schema.KindUnique, schema.KindIndex, schema.KindCheck:
				name := schema.Name{Schema: id.Schema, Name: id.Parent}
				s.keys[name] = append(s.keys[name], id)
			}
		}
	}
	return s.keys[table]
}

// list is the set in the order of IDs.
func (s *closure) list() []schema.ID {
	out := make([]schema.ID, 0, len(s.ids))
	for id := range s.ids {
		out = append(out, id)
	}
	slices.SortFunc(out, schema.ID.Compare)
	return out
}

// affected lists the objects of the catalog that need one of the seeds, directly or through others. Comments, owners
// and grants are left out: nothing about them follows from what they are on.
func affected(c *schema.Catalog, seeds []schema.ID) []schema.ID {
	dependents := c.NeededBy()
	seen := map[schema.ID]bool{}
	var out []schema.ID
	stack := slices.Clone(seeds)
	for _, id := range seeds {
		seen[id] = true
		stack = append(stack, c.Columns(id)...)
	}
	for len(stack) > 0 {
		id := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, x := range dependents[id] {
			if x.Kind == schema.KindColumn {
				owner, ok := c.Owner(x)
				if !ok {
					continue
				}
				x = owner
			}
			if seen[x] || x.Kind.IsAttachment() || x.Kind == schema.KindUnmanaged {
				continue
			}
			seen[x] = true
			out = append(out, x)
			stack = append(append(stack, x), c.Columns(x)...)
		}
	}
	return out
}
