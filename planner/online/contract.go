package online

import (
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// contract goes from the state between the phases to the one that is desired.
func (r *route) contract(d *division) error {
	if err := r.endHelpers(d); err != nil {
		return err
	}
	for _, id := range d.detached {
		if err := r.detach(id); err != nil {
			return err
		}
	}
	for _, place := range d.late {
		if err := place(); err != nil {
			return err
		}
	}
	for _, g := range d.grouped {
		if err := r.swap(g); err != nil {
			return err
		}
	}
	for _, id := range d.rekeyed {
		if err := r.rekey(id); err != nil {
			return err
		}
	}
	if err := r.dropIndexes(r.leftIndexes(d)); err != nil {
		return err
	}
	for _, table := range d.tables {
		if err := r.discardTable(table); err != nil {
			return err
		}
	}
	// What is computed from a column goes before it.
	slices.SortStableFunc(d.retired, func(a, b schema.ID) int { return computed(r.cur, b) - computed(r.cur, a) })
	for _, id := range d.retired {
		if err := r.discardColumn(id); err != nil {
			return err
		}
	}
	if err := r.discardTypes(); err != nil {
		return err
	}
	return r.drive(r.to, "")
}

// endHelpers drops the triggers that filled columns for old code.
func (r *route) endHelpers(d *division) error {
	for _, trigger := range d.helpers {
		next := r.cur.Clone()
		removeHelper(next, trigger)
		if err := r.drive(next, "nothing writes without the new column any more"); err != nil {
			return err
		}
	}
	return nil
}

// leftIndexes lists the indexes that go, each of a table or column that stays for now.
func (r *route) leftIndexes(d *division) []schema.ID {
	var out []schema.ID
	for _, c := range planner.Diff(r.cur, r.to) {
		i, ok := c.From.(*schema.Index)
		t, _ := r.cur.Get(tableOf(c.ID())).(*schema.Table)
		if ok && c.To == nil && !r.opts.changedInPlace(c.ID()) && r.to.Has(tableOf(c.ID())) && i.AttachedTo == nil && t != nil && t.Partition == nil {
			out = append(out, c.ID())
		}
	}
	return out
}

// release goes to the state without what depends on the column or table, apart from indexes, which follow a rename. What
// it took away and the desired state still has is given back by restore.
func (r *route) release(next *schema.Catalog, gone []schema.ID) error {
	for _, id := range gone {
		removeWith(next, id)
	}
	return r.drive(next, "")
}

// restore goes to the state with what release took away, as far as it can be there by now.
func (r *route) restore(gone []schema.ID) error {
	next := r.cur.Clone()
	for _, id := range gone {
		if next.Get(id) == nil && r.to.Get(id) != nil {
			putWith(next, r.to, id)
		}
	}
	for again := true; again; {
		again = false
		for _, id := range gone {
			if next.Get(id) != nil && r.cur.Get(id) == nil && !complete(next, id) {
				removeWith(next, id)
				again = true
			}
		}
	}
	return r.drive(next, "")
}

// complete reports whether everything that the object needs is there.
func complete(c *schema.Catalog, id schema.ID) bool {
	return !slices.ContainsFunc(c.AllNeeds(id), func(need schema.ID) bool { return !c.Has(need) })
}

func sortedKeys(m map[schema.ID]schema.ID) []schema.ID {
	out := make([]schema.ID, 0, len(m))
	for id := range m {
		out = append(out, id)
	}
	slices.SortFunc(out, schema.ID.Compare)
	return out
}

// computed is 1 for a generated column, and 0 for others.
func computed(c *schema.Catalog, id schema.ID) int {
	if col := column(c, id); col != nil && col.Generated != nil {
		return 1
	}
	return 0
}
