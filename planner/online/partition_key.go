package online

import (
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// partitionedUnique adds a unique or primary key of a partitioned table: the parent's stays invalid until that of the last
// partition, each of which is built while the partition is in use, is attached to it.
func (r *route) partitionedUnique(id schema.ID, goal *schema.Catalog) error {
	const reason = "a key of the parent would build the indexes of all partitions under ACCESS EXCLUSIVE"
	index := indexOf(goal.Get(id))
	r.add(planner.Step{Title: "add " + id.String() + " without partitions", Reason: reason, Checks: []planner.Check{duplicates(index)},
		Up: []planner.Statement{statement(id, planner.OnlyParentKey(goal.Get(id)))}, Down: dropKey(id)}, nil)
	next := r.cur.Clone()
	putWith(next, goal, id)
	r.keysOf(id, id, goal, next, reason)
	r.visit(next)
	return nil
}

func dropKey(id schema.ID) []planner.Statement {
	return []planner.Statement{statement(id, alterTable(tableOf(id))+"DROP CONSTRAINT IF EXISTS "+schema.Quote(id.Name))}
}

// keysOf makes the key of each partition and attaches it. An attached key cannot be dropped by itself, so the way back of
// attaching is to drop all of it from the top.
func (r *route) keysOf(parent, top schema.ID, goal, next *schema.Catalog, reason string) {
	for _, id := range goal.IDs() {
		if id.Kind != parent.Kind || attachedTo(goal.Get(id)) != parent.Name || parentOf(goal, tableOf(id)) != tableOf(parent) {
			continue
		}
		part := goal.Get(id)
		if r.cur.Get(id) == nil {
			r.ownKey(id, top, goal, next, reason)
		}
		r.add(planner.Step{Title: "attach " + id.String(), Reason: reason, Down: dropKey(top),
			Up: []planner.Statement{statement(id, "ALTER INDEX "+schema.Qualified(parent.Schema, parent.Name)+" ATTACH PARTITION "+
				schema.Qualified(part.ID().Schema, part.ID().Name))}}, nil)
		putWith(next, goal, id)
	}
}

// ownKey makes the key of one partition.
func (r *route) ownKey(id, top schema.ID, goal, next *schema.Catalog, reason string) {
	if t, ok := goal.Get(tableOf(id)).(*schema.Table); ok && t.Partition != nil {
		r.add(planner.Step{Title: "add " + id.String() + " without partitions", Reason: reason,
			Up: []planner.Statement{statement(id, planner.OnlyParentKey(goal.Get(id)))}, Down: dropKey(id)}, nil)
		r.keysOf(id, top, goal, next, reason)
		return
	}
	index := indexOf(goal.Get(id))
	r.add(planner.Step{Title: "build " + index.ID().String(), Mode: planner.Outside, DownMode: planner.Outside, Reason: reason,
		Up:   []planner.Statement{statement(id, planner.Concurrent(index))},
		Down: []planner.Statement{statement(id, "DROP INDEX CONCURRENTLY IF EXISTS "+index.ID().SQL())}}, nil)
	r.add(planner.Step{Title: "make " + id.String() + " of its index", Reason: reason,
		Up: []planner.Statement{statement(id, usingIndex(goal.Get(id), index))}, Down: dropKey(id)}, nil)
}
