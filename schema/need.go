package schema

// Needs lists what must be there for the object or column to exist: the dependencies recorded for it, and those that its
// place implies, on its owner, its target and its schema. Left out are dependencies that come into being only after both
// exist (see [Catalog.Late]).
func (c *Catalog) Needs(id ID) []ID {
	var out []ID
	for _, d := range c.DependsOn(id) {
		if !c.Late(id, d) {
			out = append(out, d)
		}
	}
	if owner, ok := c.Owner(id); ok {
		out = append(out, owner)
	}
	switch {
	case id.Kind.IsAttachment():
		return append(out, id.Target())
	case id.Kind == KindDefault:
		column := id
		column.Kind = KindColumn
		out = append(out, column)
	}
	if id.Schema != "" {
		out = append(out, ID{Kind: KindSchema, Name: id.Schema})
	}
	return out
}

// AllNeeds is Needs of an object together with those of its columns.
func (c *Catalog) AllNeeds(id ID) []ID {
	out := c.Needs(id)
	for _, column := range c.Columns(id) {
		out = append(out, c.Needs(column)...)
	}
	return out
}

// Late reports whether the dependency of id on d comes into being only after both exist: a sequence exists without the
// column that owns it, and the index of a partition before that of its parent.
func (c *Catalog) Late(id, d ID) bool {
	switch o := c.objects[id].(type) {
	case *Sequence:
		return o.OwnedBy != nil && (d == o.OwnedBy.ID() || d.Kind == KindTable && d.Name == o.OwnedBy.Table)
	case *Index:
		return o.AttachedTo != nil && d.Kind == KindIndex
	case *PrimaryKey:
		return o.Index.AttachedTo != "" && d.Kind == KindPrimaryKey
	case *Unique:
		return o.Index.AttachedTo != "" && d.Kind == KindUnique
	}
	return false
}

// NeededBy is the inverse of Needs, late dependencies included, by object and column. The caller must not change it.
func (c *Catalog) NeededBy() map[ID][]ID {
	if c.neededBy != nil {
		return c.neededBy
	}
	out := map[ID][]ID{}
	add := func(from ID) {
		for _, to := range c.Needs(from) {
			if from != to {
				out[to] = append(out[to], from)
			}
		}
		for _, to := range c.DependsOn(from) {
			if c.Late(from, to) {
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
	c.neededBy = out
	return out
}
