package planner

import "github.com/pleatdb/pleat/schema"

// needs lists what must be there for the object or column to exist: the dependencies of the catalog, and those that
// its place implies. Left out are edges that the engine resolves by itself in the other direction: a sequence exists
// without the column that owns it, and the index of a partition before that of its parent.
func needs(c *schema.Catalog, id schema.ID) []schema.ID {
	var out []schema.ID
	for _, d := range c.DependsOn(id) {
		if !late(c, id, d) {
			out = append(out, d)
		}
	}
	if owner, ok := c.Owner(id); ok {
		out = append(out, owner)
	}
	if id.Kind.IsAttachment() {
		return append(out, id.Target())
	}
	if id.Kind == schema.KindDefault {
		out = append(out, columnOf(id))
	}
	if id.Schema != "" {
		out = append(out, schema.ID{Kind: schema.KindSchema, Name: id.Schema})
	}
	return out
}

// Needs lists what must be in the catalog for the object to be created: the needs of its columns among them.
func Needs(c *schema.Catalog, id schema.ID) []schema.ID { return allNeeds(c, id) }

// Dependents is the inverse of Needs for the whole catalog, by object and column.
func Dependents(c *schema.Catalog) map[schema.ID][]schema.ID { return dependentsOf(c) }

// columnOf is the column that a default belongs to.
func columnOf(d schema.ID) schema.ID {
	d.Kind = schema.KindColumn
	return d
}

// late reports whether the dependency of id on d comes into being only after both exist.
func late(c *schema.Catalog, id, d schema.ID) bool {
	switch o := c.Get(id).(type) {
	case *schema.Sequence:
		return o.OwnedBy != nil && (d == o.OwnedBy.ID() || d.Kind == schema.KindTable && d.Name == o.OwnedBy.Table)
	case *schema.Index:
		return o.AttachedTo != nil && d.Kind == schema.KindIndex
	case *schema.PrimaryKey:
		return o.Index.AttachedTo != "" && d.Kind == schema.KindPrimaryKey
	case *schema.Unique:
		return o.Index.AttachedTo != "" && d.Kind == schema.KindUnique
	}
	return false
}

// allNeeds is needs of a relation or composite type together with those of its columns.
func allNeeds(c *schema.Catalog, id schema.ID) []schema.ID {
	out := needs(c, id)
	for _, column := range c.Columns(id) {
		out = append(out, needs(c, column)...)
	}
	return out
}

// dependentsOf turns the edges of a catalog round, those that ownership implies among them.
func dependentsOf(c *schema.Catalog) map[schema.ID][]schema.ID {
	out := map[schema.ID][]schema.ID{}
	add := func(from schema.ID) {
		for _, to := range needs(c, from) {
			if from != to {
				out[to] = append(out[to], from)
			}
		}
		for _, to := range c.DependsOn(from) {
			if late(c, from, to) {
				out[to] = append(out[to], from)
			}
		}
	}
	for _, id := range c.IDs() {
		add(id)
		for _, column := range c.Columns(id) {
			add(column)
		}
	}
	return out
}

// attachedParent is the key or index of the partitioned parent that a key or index of a partition is part of.
func attachedParent(c *schema.Catalog, id schema.ID) (schema.ID, bool) {
	for _, d := range c.DependsOn(id) {
		if late(c, id, d) && id.Kind != schema.KindSequence {
			return d, true
		}
	}
	return schema.ID{}, false
}
