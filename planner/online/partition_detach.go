package online

import (
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// findDetached finds the partitions that are tables of their own in the end, or go, and leaves them in their place in the goal:
// until the contract, old code finds their rows by the parent.
func (d *division) findDetached() {
	for _, id := range d.from.IDs() {
		from, ok := d.from.Get(id).(*schema.Table)
		parent := parentOf(d.from, id)
		if !ok || from.PartitionOf == nil || d.opts.changedInPlace(id) || d.to.Get(parent) == nil || d.opts.Bounds[id] == "" {
			continue
		}
		to, stays := d.to.Get(id).(*schema.Table)
		switch {
		case !stays:
			d.detached = append(d.detached, id)
		case to.PartitionOf == nil && sameColumns(from, to) && sameColumns(d.from.Get(parent).(*schema.Table), d.to.Get(parent).(*schema.Table)):
			d.detached = append(d.detached, id)
			d.stay(id, to, from)
		}
	}
}

// sameColumns compares what a table and its state without a parent have in common.
func sameColumns(from, to *schema.Table) bool {
	if len(from.Columns) != len(to.Columns) {
		return false
	}
	for i := range from.Columns {
		after := to.Column(from.Columns[i].Name)
		if after == nil || after.Type != from.Columns[i].Type {
			return false
		}
	}
	return true
}

// stay keeps a partition in its place, with all that is the parent's about it.
func (d *division) stay(id schema.ID, to, from *schema.Table) {
	kept := *to
	kept.Columns = slices.Clone(from.Columns)
	kept.PartitionOf = from.PartitionOf
	d.goal.Add(&kept)
	for _, x := range membersOf(d.goal, id) {
		switch o := d.goal.Get(x).(type) {
		case *schema.Index, *schema.PrimaryKey, *schema.Unique:
			if d.from.Get(x) != nil && attachedAny(d.from.Get(x)) {
				d.goal.Put(d.from, x)
			}
		case *schema.Check, *schema.ForeignKey:
			if d.from.Get(x) == nil && inheritedFrom(d.from, ancestors(d.from, id), o) {
				removeWith(d.goal, x)
			}
		}
	}
}

func attachedAny(o schema.Object) bool {
	i, ok := o.(*schema.Index)
	return ok && i.AttachedTo != nil || attachedTo(o) != ""
}

// inheritedFrom reports whether a partition has the constraint already, because a parent has one of its name.
func inheritedFrom(c *schema.Catalog, above []schema.ID, o schema.Object) bool {
	return slices.ContainsFunc(above, func(parent schema.ID) bool {
		id := o.ID()
		id.Schema, id.Parent = parent.Schema, parent.Name
		return c.Get(id) != nil
	})
}

// detach takes a partition away from its parent. What goes with it is kept as its own, and then is as the goal says.
func (r *route) detach(id schema.ID) error {
	cond := r.opts.Bounds[id]
	next := r.cur.Clone()
	r.standAlone(next, id, r.to)
	own := r.boundProof(id, cond)
	step := planner.Step{Title: "detach " + id.String() + " from " + parentOf(r.cur, id).String(),
		Up:   []planner.Statement{statement(id, detachSQL(r.cur, id))},
		Down: []planner.Statement{statement(id, attachSQL(r.cur, id))},
	}
	if !r.detachesConcurrently(r.cur, id) {
		step.Reason = "readers of the parent do not see its rows any more; no form of DETACH leaves the parent to others here"
		r.add(step, next)
		return nil
	}
	r.prove(id, "DETACH PARTITION CONCURRENTLY leaves a check of the bounds unless there is one, and the way back needs one", []proof{own})
	step.Down = append([]planner.Statement{statement(id, own.validate())}, step.Down...)
	step.Up[0].SQL += " CONCURRENTLY"
	step.Mode, step.Reason = planner.Outside, detachReason+". Readers of the parent do not see its rows any more"
	r.add(step, next)
	r.retire(id, []proof{own}, true)
	return nil
}
