package online

import (
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// holdPlaces gives the tables that become partitions at the end of the phase their old place in the goal, and says how they get the
// new one: from then on they have everything that their parents ask for, each part of it added without stopping anybody.
func (r *route) holdPlaces(d *division) (attach []func() error) {
	final := d.goal.Clone()
	var held []schema.ID
	for _, id := range final.IDs() {
		to, ok := final.Get(id).(*schema.Table)
		if !ok || to.PartitionOf == nil || d.opts.changedInPlace(id) || final.Get(parentOf(final, id)) == nil {
			continue
		}
		from, existed := r.cur.Get(id).(*schema.Table)
		def := defaultPartition(r.cur, parentOf(final, id))
		switch {
		case existed && from.PartitionOf != nil && *from.PartitionOf == *to.PartitionOf:
		case existed && from.PartitionOf != nil, d.opts.Bounds[id] == "":
			// Bounds change in one go: between two of them the rows would be nobody's.
		case existed, d.opts.Late[id], def != schema.ID{} && r.cur.Get(parentOf(final, id)) != nil:
			held = append(held, id)
		}
	}
	after := final.Clone()
	for _, id := range held {
		r.standAlone(d.goal, id, r.cur)
		place := func() error { return r.attach(id, final) }
		if d.opts.Late[id] {
			r.standAlone(after, id, r.cur)
			d.late = append(d.late, place)
		} else {
			attach = append(attach, place)
		}
	}
	if len(held) > 0 {
		attach = append(attach, func() error { return r.drive(after, "") })
	}
	return attach
}

// attach makes a partition of a table that has all it needs for that.
func (r *route) attach(id schema.ID, final *schema.Catalog) error {
	cond := r.opts.Bounds[id]
	var own, others []proof
	if r.from.Get(id) != nil || r.opts.Late[id] { // others may have filled it meanwhile
		own = append(own, r.boundProof(id, cond))
	}
	if def := defaultPartition(r.cur, parentOf(final, id)); def != (schema.ID{}) && def != id {
		others = append(others, r.defaultProof(def, id, cond))
	}
	r.prove(id, attachReason, append(own, others...))
	next := r.placed(id, final)
	step := planner.Step{Title: "attach " + id.String() + " to " + parentOf(final, id).String(), Reason: attachReason,
		Up: []planner.Statement{statement(id, attachSQL(final, id))}, Down: []planner.Statement{statement(id, detachSQL(final, id))}}
	back := len(own) > 0 && r.detachesConcurrently(next, id)
	if back { // with a valid check of the bounds the engine adds none of its own
		step.Down = []planner.Statement{statement(id, own[0].validate()), statement(id, detachSQL(final, id)+" CONCURRENTLY")}
		step.DownMode = planner.Outside
	}
	r.add(step, next)
	r.retire(id, own, back)
	r.retire(id, others, false)
	return nil
}
