package online

import (
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// findRekeyed leaves keys that take the place of others to the contract: a table has one primary key, and code that names
// a key in ON CONFLICT needs the old one.
func (d *division) findRekeyed(changes []planner.Change) {
	for _, c := range changes {
		id := c.ID()
		if c.To == nil || id.Kind != schema.KindPrimaryKey && id.Kind != schema.KindUnique || d.opts.changedInPlace(id) {
			continue
		}
		t, ok := d.from.Get(tableOf(id)).(*schema.Table)
		if !ok || t.Partition != nil || overlaps(c.To) || attachedTo(c.To) != "" || d.to.Get(tableOf(id)) == nil {
			continue
		}
		if c.From != nil && planner.Replaced(c) || c.From == nil && id.Kind == schema.KindPrimaryKey && primaryKey(d.from, tableOf(id)) != (schema.ID{}) {
			d.waits[id] = true
			d.rekeyed = append(d.rekeyed, id)
		}
	}
}

// primaryKey is the primary key of a table; zero for none.
func primaryKey(c *schema.Catalog, table schema.ID) schema.ID {
	for _, id := range membersOf(c, table) {
		if id.Kind == schema.KindPrimaryKey {
			return id
		}
	}
	return schema.ID{}
}

// rekey puts a key into the place of another one, whose index was built before.
func (r *route) rekey(id schema.ID) error {
	key := r.to.Get(id)
	if planner.Equal(r.cur.Get(id), key) {
		return nil // a swap of columns has brought it
	}
	built := schema.ID{Kind: schema.KindIndex, Schema: id.Schema, Parent: id.Parent, Name: schema.Shorten(id.Name + "__pleat_new")}
	index := indexOf(key)
	index.Name = built.Name
	if err := r.index(index, built, r.to.DependsOn(id), "the index of the new key is complete before the old key goes"); err != nil {
		return err
	}
	old := id
	if r.cur.Get(id) == nil {
		old = primaryKey(r.cur, tableOf(id))
	}
	return r.merge("replace "+old.String(), "one short transaction: the index of the new key is there", func() error {
		gone := append(dependents(r.cur, old), old)
		if err := r.release(r.cur.Clone(), gone); err != nil {
			return err
		}
		next := r.cur.Clone()
		next.Remove(built)
		next.Put(r.to, id)
		if err := r.adopt(id, index, next); err != nil {
			return err
		}
		dressed := r.cur.Clone()
		putWith(dressed, r.to, id)
		if err := r.drive(dressed, ""); err != nil {
			return err
		}
		return r.restore(gone)
	})
}
