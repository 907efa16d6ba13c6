package online

import (
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// group is columns that are swapped in one transaction, because an index or a constraint is built on several of them.
type group struct {
	carries []*carry
	// copies are the objects on the new columns that take the place of those on the old ones, by their final ID.
	copies map[schema.ID]schema.ID
}

// groups joins the carried columns that share something.
func (d *division) groups() []*group {
	var out []*group
	holder := map[schema.ID]*group{}
	for _, c := range d.carried {
		g := &group{carries: []*carry{c}, copies: map[schema.ID]schema.ID{}}
		for _, x := range d.shares(c) {
			if other := holder[x]; other != nil && other != g {
				g.carries = append(other.carries, g.carries...)
				out = slices.DeleteFunc(out, func(o *group) bool { return o == other })
				for id, h := range holder {
					if h == other {
						holder[id] = g
					}
				}
			}
			holder[x] = g
		}
		out = append(out, g)
	}
	return out
}

// shares lists what columns of one group have in common: what is built on them, and a type that gets its name with the swap.
func (d *division) shares(c *carry) []schema.ID {
	var out []schema.ID
	for _, x := range d.to.NeededBy()[c.final] {
		if d.copied(c, x) {
			out = append(out, x)
		}
	}
	if c.enum != nil {
		out = append(out, c.enum.id)
	}
	return out
}

// copied reports whether the object is built anew on the new column before the swap.
func (d *division) copied(c *carry, id schema.ID) bool {
	if !c.retyped() && d.from.Get(id) == nil {
		return false // new, and nothing else has the name
	}
	switch id.Kind {
	case schema.KindIndex, schema.KindPrimaryKey, schema.KindUnique, schema.KindCheck, schema.KindForeignKey:
		return true
	}
	return false
}

// copyDependents builds beside every index and constraint on the old columns one on the new ones.
func (d *division) copyDependents(g *group) {
	made := map[schema.ID]schema.Object{}
	for _, c := range g.carries {
		for _, x := range d.to.NeededBy()[c.final] {
			if made[x] == nil && d.copied(c, x) {
				made[x] = d.copyOf(g, x)
				g.copies[x] = made[x].ID()
			}
		}
	}
	for _, x := range sortedKeys(g.copies) {
		copied := made[x]
		if before := d.from.Get(x); before != nil {
			d.goal.Put(d.from, x)
		} else {
			removeWith(d.goal, x)
		}
		d.waits[x] = true
		d.goal.Add(copied)
		for _, need := range d.to.DependsOn(x) {
			if index := g.copies[need]; index != (schema.ID{}) {
				need = index
			}
			for _, c := range g.carries {
				if need == c.final {
					need = c.to
				}
				need = c.needsBeside([]schema.ID{need})[0]
			}
			d.goal.Depend(copied.ID(), need)
		}
	}
}

// copyOf is the object on the new columns, under a name for the time being. Of a key it is the index alone.
func (d *division) copyOf(g *group, id schema.ID) schema.Object {
	name := schema.Shorten(id.Name + "__pleat_new")
	o := d.to.Get(id)
	switch o.(type) {
	case *schema.PrimaryKey, *schema.Unique:
		o = indexOf(o)
	}
	for _, c := range g.carries {
		o = d.onNew(c, o, name)
	}
	for _, e := range g.recasts() {
		o = recastObject(o, e.id, e.beside, d.opts.RenameType)
	}
	return o
}

// onNew is the object with the new column in the place of the final one.
func (d *division) onNew(c *carry, o schema.Object, name string) schema.Object {
	from, to, own := c.final.Name, c.to.Name, tableOf(o.ID()) == tableOf(c.final)
	switch o := o.(type) {
	case *schema.Index:
		if !own {
			to = from
		}
		return movedIndex(o, name, from, to, d.opts.RenameColumn)
	case *schema.Check:
		copied := *o
		copied.Name = name
		if own {
			copied.Expr = renamedExpr(o.Expr, from, to, d.opts.RenameColumn)
		}
		return &copied
	case *schema.ForeignKey:
		copied := *o
		copied.Name = name
		if own {
			copied.Columns, copied.OnDeleteColumns = renameAll(o.Columns, from, to), renameAll(o.OnDeleteColumns, from, to)
		}
		if o.RefTable == (schema.Name{Schema: c.final.Schema, Name: c.final.Parent}) {
			copied.RefColumns = renameAll(o.RefColumns, from, to)
		}
		return &copied
	}
	return o
}

// restoreKeys makes keys of the indexes that were built for them.
func (r *route) restoreKeys(g *group) error {
	for _, final := range sortedKeys(g.copies) {
		copied := g.copies[final]
		if copied.Kind != schema.KindIndex || final.Kind == schema.KindIndex {
			continue
		}
		before, next := r.cur, r.cur.Clone()
		index := next.Get(copied).(*schema.Index)
		next.Remove(copied)
		next.Put(r.to, final)
		first := len(r.steps)
		if err := r.adopt(final, index, next); err != nil {
			return err
		}
		var err error
		if r.steps[first].Down, err = r.loosen(final, next, before); err != nil {
			return err
		}
	}
	return nil
}

// loosen is the way back from a key to its index. An index cannot leave its constraint again, so it is built anew, and
// foreign keys have to be away meanwhile: they would take hold of the key as long as it is there.
func (r *route) loosen(key schema.ID, next, before *schema.Catalog) ([]planner.Statement, error) {
	without, index := next.Clone(), before.Clone()
	for _, x := range dependents(next, key) {
		if x.Kind == schema.KindForeignKey {
			removeWith(without, x)
			removeWith(index, x)
		}
	}
	var out []planner.Statement
	for _, leg := range [][2]*schema.Catalog{{next, without}, {without, index}, {index, before}} {
		more, err := planner.Statements(leg[0], leg[1], r.opts.Options)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}
