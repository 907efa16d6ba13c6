package online

import (
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// parentOf is the table of which this one is a partition; zero for others.
func parentOf(c *schema.Catalog, id schema.ID) schema.ID {
	t, ok := c.Get(id).(*schema.Table)
	if !ok || t.PartitionOf == nil {
		return schema.ID{}
	}
	return schema.ID{Kind: schema.KindTable, Schema: t.PartitionOf.Parent.Schema, Name: t.PartitionOf.Parent.Name}
}

// ancestors lists the partitioned tables above a partition, the nearest first.
func ancestors(c *schema.Catalog, id schema.ID) []schema.ID {
	var out []schema.ID
	for p := parentOf(c, id); c.Get(p) != nil; p = parentOf(c, p) {
		out = append(out, p)
	}
	return out
}

// defaultPartition is the partition of the table that takes in what belongs to no other; zero where there is none.
func defaultPartition(c *schema.Catalog, parent schema.ID) schema.ID {
	for _, id := range c.IDs() {
		if t, ok := c.Get(id).(*schema.Table); ok && t.PartitionOf != nil && t.PartitionOf.Bound == "DEFAULT" && parentOf(c, id) == parent {
			return id
		}
	}
	return schema.ID{}
}

// standAlone makes a partition a table of its own, which keeps what it had of its parents: this is what DETACH leaves, and what
// ATTACH takes in without looking at a row. Foreign keys that known has under another name keep that.
func (r *route) standAlone(c *schema.Catalog, id schema.ID, known *schema.Catalog) {
	above := ancestors(c, id)
	for _, parent := range above {
		for _, x := range membersOf(c, parent) {
			r.ownCopy(c, x, id, known)
		}
	}
	over := parentOf(c, id)
	edit(c, id, func(t *schema.Table) {
		t.PartitionOf = nil
		parent, _ := c.Get(over).(*schema.Table)
		for i := range t.Columns {
			col := &t.Columns[i]
			if parent != nil && parent.Column(col.Name) != nil && parent.Column(col.Name).Identity != nil && r.opts.Major >= 17 {
				col.Identity = nil // partitions number their rows as their parent does since 17, and by themselves before
			}
			col.Inherited = false
		}
	})
	for _, x := range membersOf(c, id) {
		r.freeIndex(c, x, above)
	}
	without(c, id, func(need schema.ID) bool { return slices.Contains(above, need) })
}

// ownCopy gives a partition what it has of the parent's: a check or a foreign key.
func (r *route) ownCopy(c *schema.Catalog, x, id schema.ID, known *schema.Catalog) {
	var own schema.Object
	switch o := c.Get(x).(type) {
	case *schema.Check:
		if o.NoInherit {
			return
		}
		copied := *o
		copied.Schema, copied.Table = id.Schema, id.Name
		own = &copied
	case *schema.ForeignKey:
		copied := *o
		copied.Schema, copied.Table = id.Schema, id.Name
		copied.Name = knownKey(known, &copied)
		own = &copied
		r.touched[x] = true // it gains or loses a part
	default:
		return
	}
	needs := c.DependsOn(x)
	c.Add(own)
	for _, need := range needs {
		if need == tableOf(x) {
			need = id
		} else if need.Kind == schema.KindColumn && tableOf(need) == tableOf(x) {
			need = schema.ColumnID(id, need.Name)
		}
		c.Depend(own.ID(), need)
	}
}

// knownKey is the name under which the table has the foreign key already.
func knownKey(known *schema.Catalog, fk *schema.ForeignKey) string {
	for _, x := range membersOf(known, tableOf(fk.ID())) {
		if have, ok := known.Get(x).(*schema.ForeignKey); ok {
			probe := *have
			probe.Name = fk.Name
			if planner.Equal(&probe, fk) {
				return have.Name
			}
		}
	}
	return fk.Name
}

// freeIndex takes an index or key out of that of the parent.
func (r *route) freeIndex(c *schema.Catalog, x schema.ID, above []schema.ID) {
	switch o := c.Get(x).(type) {
	case *schema.Index:
		free := *o
		free.AttachedTo = nil
		c.Add(&free)
	case *schema.PrimaryKey:
		free := *o
		free.Index.AttachedTo = ""
		c.Add(&free)
	case *schema.Unique:
		free := *o
		free.Index.AttachedTo = ""
		c.Add(&free)
	default:
		return
	}
	without(c, x, func(need schema.ID) bool {
		return slices.Contains(above, tableOf(need)) && need.Kind != schema.KindColumn
	})
}

// without takes some of the dependencies of an object away.
func without(c *schema.Catalog, id schema.ID, gone func(need schema.ID) bool) {
	o, needs := c.Get(id), c.DependsOn(id)
	columns := map[schema.ID][]schema.ID{}
	for _, col := range c.Columns(id) {
		columns[col] = c.DependsOn(col)
	}
	c.Remove(id)
	c.Add(o)
	for _, need := range needs {
		if !gone(need) {
			c.Depend(id, need)
		}
	}
	for col, list := range columns {
		for _, need := range list {
			if !gone(need) {
				c.Depend(col, need)
			}
		}
	}
}

// placed goes to the state in which the table stands where it does in goal, with what its parents give it instead of copies.
func (r *route) placed(id schema.ID, goal *schema.Catalog) *schema.Catalog {
	next := r.cur.Clone()
	for _, x := range append(membersOf(next, id), id) {
		if goal.Get(x) == nil && !x.Kind.IsAttachment() {
			removeWith(next, x)
		}
	}
	for _, x := range append(membersOf(goal, id), id) {
		switch x.Kind {
		case schema.KindTable, schema.KindIndex, schema.KindPrimaryKey, schema.KindUnique:
			if next.Get(x) != nil {
				next.Put(goal, x)
			}
		}
	}
	return next
}
