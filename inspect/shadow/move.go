package shadow

import (
	"context"
	"fmt"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// Move answers what the live state is after renames: how the engine then prints every view, constraint and
// function that mentions a renamed object. Only what is renamed and what depends on it is built.
func (s *Shadow) Move(ctx context.Context, live *schema.Catalog, moves []planner.Move, renames []planner.Statement) (*schema.Catalog, error) {
	if len(renames) == 0 {
		return live, nil
	}
	d, drop, err := s.scratch(ctx)
	if err != nil {
		return nil, err
	}
	defer drop()
	touched := movedSet(live, moves)
	build := newClosure(live)
	for id := range touched {
		build.add(id)
	}
	for _, m := range moves {
		build.add(schema.ID{Kind: schema.KindSchema, Name: m.To.Schema})
	}
	for _, id := range live.IDs() {
		if id.Kind == schema.KindComment && touchedTarget(live, touched, id) {
			build.ids[id] = true
		}
	}
	if err := d.build(ctx, live.Subset(build.list())); err != nil {
		return nil, fmt.Errorf("rebuild the live state on the shadow: %w", err)
	}
	if _, err := d.inTransaction(ctx, renames, nil); err != nil {
		return nil, err
	}
	after, err := d.inspect(ctx)
	if err != nil {
		return nil, err
	}
	return relocated(live, after, d.initial, touched, moves), nil
}

// movedSet is what the renames change: the objects themselves, their columns' tables, and all that depends on them.
func movedSet(live *schema.Catalog, moves []planner.Move) map[schema.ID]bool {
	var seeds []schema.ID
	for _, m := range moves {
		id := m.From
		if owner, ok := live.Owner(id); ok && live.Get(id) == nil {
			id = owner
		}
		seeds = append(seeds, id)
	}
	out := map[schema.ID]bool{}
	for _, id := range append(affected(live, seeds), seeds...) {
		out[id] = true
	}
	return out
}

// relocated is the live state with everything touched as the engine shows it after the renames. Owners, grants and what is
// unmanaged were not on the shadow; they follow their objects.
func relocated(live, after, initial *schema.Catalog, touched map[schema.ID]bool, moves []planner.Move) *schema.Catalog {
	out := live.Clone()
	for _, id := range live.IDs() {
		if touched[id] || id.Kind.IsAttachment() && touchedTarget(live, touched, id) {
			out.Remove(id)
		}
	}
	for _, id := range after.IDs() {
		switch {
		case id.Kind == schema.KindOwner, id.Kind == schema.KindGrant, id.Kind == schema.KindUnmanaged:
		case initial.Get(id) == nil && out.Get(id) == nil:
			out.Put(after, id)
		}
	}
	for _, id := range live.IDs() {
		switch o := live.Get(id).(type) {
		case *schema.Owner:
			if on := relocate(o.On, moves); out.Has(on) && !out.Has(schema.OwnerID(on)) {
				out.Add(&schema.Owner{On: on, Role: o.Role})
				out.Depend(schema.OwnerID(on), on)
			}
		case *schema.Grant:
			if on := relocate(o.On, moves); out.Has(on) && !out.Has(schema.GrantID(on)) {
				out.Add(&schema.Grant{On: on, Entries: o.Entries})
				out.Depend(schema.GrantID(on), on)
			}
		case *schema.Unmanaged:
			for _, need := range live.DependsOn(id) {
				out.Depend(id, relocate(need, moves))
			}
		}
	}
	return out
}

func touchedTarget(live *schema.Catalog, touched map[schema.ID]bool, attachment schema.ID) bool {
	target := attachment.Target()
	if owner, ok := live.Owner(target); ok && target.Kind == schema.KindColumn {
		target = owner
	}
	return touched[target]
}

// relocate is the name of an object after the renames.
func relocate(id schema.ID, moves []planner.Move) schema.ID {
	for _, m := range moves {
		if id == m.From {
			id = m.To
		}
		if m.From.Parent == "" && id.Parent != "" && id.Schema == m.From.Schema && id.Parent == m.From.Name {
			id.Schema, id.Parent = m.To.Schema, m.To.Name
		}
		if m.From.Kind == schema.KindSchema && id.Schema == m.From.Name {
			id.Schema = m.To.Name
		}
	}
	return id
}
