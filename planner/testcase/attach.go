package testcase

import "github.com/pleatdb/pleat/schema"

// Attach ties the keys and indexes of partitions to their parents', as the engine does. From files it is known only that the
// parent's comes later.
func Attach(c *schema.Catalog) {
	for _, id := range c.IDs() {
		parts := partsOf(c, id)
		if len(parts) == 0 {
			continue
		}
		needs, parent := c.DependsOn(id), c.Get(id)
		c.Remove(id)
		c.Add(parent)
		for _, need := range needs {
			if !parts[need] {
				c.Depend(id, need)
			}
		}
		for part := range parts {
			c.Add(attached(c.Get(part), id))
			c.Depend(part, id)
		}
	}
}

// partsOf lists what a key or index needs of its kind in other tables.
func partsOf(c *schema.Catalog, id schema.ID) map[schema.ID]bool {
	out := map[schema.ID]bool{}
	for _, need := range c.DependsOn(id) {
		if need.Kind == id.Kind && need.Parent != id.Parent && attached(c.Get(need), id) != nil {
			out[need] = true
		}
	}
	return out
}

// attached is a copy of a key or index that is tied to its parent; nil for other kinds.
func attached(o schema.Object, parent schema.ID) schema.Object {
	switch part := o.(type) {
	case *schema.Index:
		tied := *part
		tied.AttachedTo = &schema.Name{Schema: parent.Schema, Name: parent.Name}
		return &tied
	case *schema.PrimaryKey:
		tied := *part
		tied.Index.AttachedTo = parent.Name
		return &tied
	case *schema.Unique:
		tied := *part
		tied.Index.AttachedTo = parent.Name
		return &tied
	}
	return nil
}
