package online

import (
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// partitionedIndex builds an index of a partitioned table partition by partition: CREATE INDEX CONCURRENTLY refuses the parent
// (13 to 18). The parent's index turns valid with the last one that is attached to it.
func (r *route) partitionedIndex(id schema.ID, goal *schema.Catalog) error {
	const reason = "CREATE INDEX on the parent would stop writers of every partition while it builds"
	i := goal.Get(id).(*schema.Index)
	only := *i
	only.Clustered = false
	sql := planner.OnlyParent(&only)
	r.add(planner.Step{Title: "create " + id.String() + " without partitions", Reason: reason,
		Up:   []planner.Statement{statement(id, sql)},
		Down: dropParent(id)}, nil)
	next := r.cur.Clone()
	putWith(next, goal, id)
	if err := r.partsOf(i, id, goal, next, reason); err != nil {
		return err
	}
	r.visit(next)
	return nil
}

func withObject(c *schema.Catalog, o schema.Object) *schema.Catalog {
	out := c.Clone()
	out.Add(o)
	return out
}

// dropParent drops the index of the parent with all that is attached to it.
func dropParent(id schema.ID) []planner.Statement {
	return []planner.Statement{statement(id, "DROP INDEX IF EXISTS "+id.SQL())}
}

// dropParents drops the index at the top, and that in between where it is not attached yet.
func dropParents(top, parent schema.ID) []planner.Statement {
	if top == parent {
		return dropParent(top)
	}
	return append(dropParent(top), dropParent(parent)...)
}

// partsOf builds the index of each partition and attaches it. An attached index cannot be dropped by itself, so the way back of
// attaching is to drop all of it from the top.
func (r *route) partsOf(parent *schema.Index, top schema.ID, goal, next *schema.Catalog, reason string) error {
	for _, id := range goal.IDs() {
		part, ok := goal.Get(id).(*schema.Index)
		if !ok || part.AttachedTo == nil || *part.AttachedTo != (schema.Name{Schema: parent.Schema, Name: parent.Name}) {
			continue
		}
		if r.cur.Get(id) != nil {
			// of a partition that the same plan makes
		} else if t, ok := goal.Get(tableOf(id)).(*schema.Table); ok && t.Partition != nil {
			r.add(planner.Step{Title: "create " + id.String() + " without partitions", Reason: reason,
				Up: []planner.Statement{statement(id, planner.OnlyParent(part))}, Down: []planner.Statement{statement(id, "DROP INDEX IF EXISTS "+id.SQL())}}, nil)
			if err := r.partsOf(part, top, goal, next, reason); err != nil {
				return err
			}
		} else {
			r.add(planner.Step{Title: "build " + id.String(), Mode: planner.Outside, DownMode: planner.Outside, Reason: reason,
				Up:   []planner.Statement{statement(id, planner.Concurrent(part))},
				Down: []planner.Statement{statement(id, "DROP INDEX CONCURRENTLY IF EXISTS "+id.SQL())}}, nil)
		}
		r.add(planner.Step{Title: "attach " + id.String(), Reason: reason,
			Up: []planner.Statement{statement(id, "ALTER INDEX "+parent.ID().SQL()+" ATTACH PARTITION "+id.SQL())}, Down: dropParents(top, parent.ID())}, nil)
		next.Put(goal, id)
	}
	return nil
}

// partitionedKey adds a foreign key of a partitioned table before PostgreSQL 18, where NOT VALID is refused: each partition
// gets and validates its own, and the parent's takes them in without reading a row.
func (r *route) partitionedKey(id schema.ID, goal *schema.Catalog) error {
	const reason = "a partitioned table takes no NOT VALID foreign key before PostgreSQL 18, and validates under lock what its partitions have not"
	fk := goal.Get(id).(*schema.ForeignKey)
	for _, leaf := range leaves(goal, tableOf(id)) {
		r.touched[leaf] = true
		part := *fk
		part.Schema, part.Table, part.NotValid = leaf.Schema, leaf.Name, true
		made, err := planner.Statements(r.cur, withObject(r.cur, &part), r.opts.Options)
		if err != nil {
			return err
		}
		drop := alterTable(leaf) + "DROP CONSTRAINT IF EXISTS " + schema.Quote(id.Name)
		r.add(planner.Step{Title: "add " + part.ID().String(), Reason: reason, Up: made, Down: []planner.Statement{statement(id, drop)}}, nil)
		r.add(planner.Step{Title: "validate " + part.ID().String(), Reason: reason, Checks: r.violations(&part),
			Up: []planner.Statement{statement(id, alterTable(leaf)+"VALIDATE CONSTRAINT "+schema.Quote(id.Name))}}, nil)
	}
	next := r.cur.Clone()
	putWith(next, goal, id)
	return r.drive(next, reason)
}

// leaves lists the partitions that hold rows, at every level.
func leaves(c *schema.Catalog, table schema.ID) []schema.ID {
	var out []schema.ID
	for _, id := range descendants(c, table) {
		if c.Get(id).(*schema.Table).Partition == nil {
			out = append(out, id)
		}
	}
	return out
}
