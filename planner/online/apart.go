package online

import (
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// apart adds columns and triggers table by table. A transaction that alters several tables that are in use waits for the second
// while it keeps everybody from the first, and two such transactions can wait for each other.
func (r *route) apart(goal *schema.Catalog) error {
	changes := planner.Diff(r.cur, goal)
	var grown []schema.ID
	for _, c := range changes {
		if from, ok := c.From.(*schema.Table); ok {
			if to, ok := c.To.(*schema.Table); ok && onlyGrows(from, to) {
				grown = append(grown, c.ID())
			}
		}
	}
	if len(grown) < 2 {
		return nil
	}
	for _, table := range grown {
		next := r.cur.Clone()
		next.Put(goal, table)
		for _, c := range changes {
			if c.From == nil && tableOf(c.ID()) == table && c.ID().Kind != schema.KindTable {
				next.Put(goal, c.ID())
			}
			if c.From == nil && c.ID().Kind == schema.KindTrigger && tableOf(c.ID()) == table {
				if f := functionOf(c.ID()); r.cur.Get(f) == nil {
					next.Put(goal, f)
				}
			}
		}
		if !r.stands(next, table) {
			continue // it needs something that comes with the rest
		}
		if err := r.drive(next, ""); err != nil {
			return err
		}
	}
	return nil
}

// onlyGrows reports whether nothing but new columns tells the tables apart.
func onlyGrows(from, to *schema.Table) bool {
	probe := *to
	probe.Columns = nil
	for _, c := range to.Columns {
		if from.Column(c.Name) != nil {
			probe.Columns = append(probe.Columns, c)
		}
	}
	return planner.Equal(from, &probe)
}

// stands reports whether the table and all that is new about it have what they need.
func (r *route) stands(next *schema.Catalog, table schema.ID) bool {
	for _, c := range planner.Diff(r.cur, next) {
		if !complete(next, c.ID()) {
			return false
		}
	}
	return complete(next, table)
}
