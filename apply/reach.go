package apply

import (
	"slices"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// reach is the set of objects that migrations touch. A table meets what belongs to it, two indexes of a table do not meet.
type reach struct {
	unbounded bool
	exact     map[schema.ID]bool
	wholes    map[schema.ID]bool // things that stand alone, by root
	parts     map[schema.ID]bool // roots of what belongs to a thing
	inside    map[string]bool    // schemas of all of these
	schemas   map[string]bool    // schemas that are touched themselves
}

func newReach() *reach {
	return &reach{exact: map[schema.ID]bool{}, wholes: map[schema.ID]bool{}, parts: map[schema.ID]bool{}, inside: map[string]bool{}, schemas: map[string]bool{}}
}

// add widens the reach by a migration; a hand-written one may touch anything.
func (r *reach) add(m *migration.Migration) {
	r.unbounded = r.unbounded || !m.Bounded()
	for _, id := range m.Objects {
		r.exact[id] = true
		r.inside[id.Schema] = true
		switch {
		case id.Kind == schema.KindSchema:
			r.schemas[id.Name] = true
		case whole(id):
			r.wholes[root(id)] = true
		default:
			r.parts[root(id)] = true
		}
	}
}

// meets reports whether a migration touches anything within the reach, or may.
func (r *reach) meets(m *migration.Migration) bool {
	return r.unbounded || !m.Bounded() || slices.ContainsFunc(m.Objects, r.has)
}

func (r *reach) has(id schema.ID) bool {
	switch {
	case r.exact[id], r.schemas[id.Schema]:
		return true
	case id.Kind == schema.KindSchema:
		return r.inside[id.Name]
	}
	return r.wholes[root(id)] || whole(id) && r.parts[root(id)]
}

// needs reports whether something that needs id needs something within the reach: id itself, or a column of a touched relation.
func (r *reach) needs(id schema.ID) bool {
	return r.exact[id] || id.Kind == schema.KindColumn && r.wholes[root(id)]
}

// whole reports whether an object stands alone.
func whole(id schema.ID) bool { return !id.Kind.IsAttachment() && id.Parent == "" }

// root is what an object goes down with: its table, domain or type, or itself. Relations and types share one kind, as an
// ID does not say which kind its parent has.
func root(id schema.ID) schema.ID {
	id = id.Target()
	if id.Parent != "" {
		return schema.ID{Kind: schema.KindTable, Schema: id.Schema, Name: id.Parent}
	}
	if id.Kind.IsRelation() || id.Kind.IsType() {
		return schema.ID{Kind: schema.KindTable, Schema: id.Schema, Name: id.Name}
	}
	return id
}
