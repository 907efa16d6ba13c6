package planner

import "github.com/pleatdb/pleat/schema"

func needs(c *schema.Catalog, id schema.ID) []schema.ID { return c.Needs(id) }

func allNeeds(c *schema.Catalog, id schema.ID) []schema.ID { return c.AllNeeds(id) }

// columnOf is the column that a default belongs to.
func columnOf(d schema.ID) schema.ID {
	d.Kind = schema.KindColumn
	return d
}

// attachedParent is the key or index of the partitioned parent that a key or index of a partition is part of.
func attachedParent(c *schema.Catalog, id schema.ID) (schema.ID, bool) {
	if id.Kind == schema.KindSequence {
		return schema.ID{}, false
	}
	for _, d := range c.DependsOn(id) {
		if c.Late(id, d) {
			return d, true
		}
	}
	return schema.ID{}, false
}
