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
	for _, c := range d.carried {
		if err := r.swap(c); err != nil {
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
		if ok && c.To == nil && r.to.Has(tableOf(c.ID())) && i.AttachedTo == nil && t != nil && t.Partition == nil {
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

// swap puts the new column into the place of the old one, in one transaction.
func (r *route) swap(c *carry) error {
	table := tableOf(c.from)
	var leftovers []schema.ID
	err := r.merge("swap "+c.final.String(), "one short transaction: the new column is filled and everything on it is built", func() error {
		gone := r.dependentsOf(c)
		r.add(planner.Step{Up: []planner.Statement{statement(table, "LOCK TABLE "+r.lockList(c, gone)+" IN ACCESS EXCLUSIVE MODE")}}, nil)
		next := r.cur.Clone()
		removeHelper(next, c.trigger)
		for _, x := range append(belongings(next, c.from), defaultOf(c.from)) {
			if s, ok := next.Get(x).(*schema.Sequence); ok && r.to.Get(x) != nil {
				freed := *s
				freed.OwnedBy = nil
				next.Remove(x)
				next.Add(&freed)
				continue
			}
			next.Remove(x)
		}
		editColumn(next, c.from, func(col *schema.Column) { col.NotNull, col.Identity = false, nil })
		if err := r.release(next, gone); err != nil {
			return err
		}
		leftovers = r.rename(c)
		if err := r.restoreColumn(c, gone); err != nil {
			return err
		}
		return r.keepWarm(c)
	})
	if err != nil {
		return err
	}
	return r.dropIndexes(leftovers)
}

// dependentsOf lists what has to be taken down around a swap.
func (r *route) dependentsOf(c *carry) []schema.ID {
	var out []schema.ID
	for _, x := range dependents(r.cur, c.from) {
		own := slices.Contains(belongings(r.cur, c.from), x) || x == defaultOf(c.from)
		if own || x.Kind == schema.KindIndex || x.Kind.IsAttachment() || x == c.trigger || r.isCopy(c, x) || x.Kind == schema.KindTable {
			continue
		}
		out = append(out, x)
	}
	return out
}

func (r *route) isCopy(c *carry, id schema.ID) bool {
	for _, copied := range c.copies {
		if copied == id {
			return true
		}
	}
	return false
}

// lockList names the tables of a swap, those that are referred to first, so that two such transactions meet in one order.
func (r *route) lockList(c *carry, gone []schema.ID) string {
	list := tableOf(c.from).SQL()
	for _, id := range gone {
		if id.Kind == schema.KindForeignKey && tableOf(id) != tableOf(c.from) {
			list += ", " + tableOf(id).SQL()
		}
	}
	return list
}

// rename gives columns, indexes and constraints the names that they have in the end. It lists the old indexes, which are left.
func (r *route) rename(c *carry) []schema.ID {
	names := &renames{}
	column := alterTable(tableOf(c.from)) + "RENAME COLUMN "
	names.add(c.from, column, c.from.Name, schema.TrashColumn(r.opts.Today, c.from.Name))
	if c.retyped() {
		names.add(c.final, column, c.to.Name, c.final.Name)
	}
	next := r.cur.Clone()
	var leftovers []schema.ID
	for _, final := range sortedKeys(c.copies) {
		copied := c.copies[final]
		if final.Kind == schema.KindIndex && r.cur.Get(final) != nil {
			old := final
			old.Name = schema.Shorten(final.Name + "__pleat_old")
			names.addIndex(final, old)
			aside := r.onTrash(c, next.Get(final).(*schema.Index), old.Name)
			next.Remove(final)
			next.Add(aside)
			next.Depend(old, tableOf(final))
			leftovers = append(leftovers, old)
		}
		switch {
		case final.Kind == schema.KindIndex:
			names.addIndex(copied, final)
			bare := *r.to.Get(final).(*schema.Index)
			bare.Clustered = false
			next.Put(r.to, final)
			next.Add(&bare)
		case copied.Kind == schema.KindIndex:
			continue // which the constraint takes in
		default:
			names.add(final, alterTable(tableOf(final))+"RENAME CONSTRAINT ", copied.Name, final.Name)
			next.Put(r.to, final)
			for key, index := range c.copies {
				if index.Kind == schema.KindIndex && slices.Contains(r.to.DependsOn(final), key) {
					next.Depend(final, index)
				}
			}
		}
		next.Remove(copied)
	}
	r.renameColumns(next, c)
	r.add(planner.Step{Up: names.up, Down: names.down}, next)
	return leftovers
}

// onTrash is an old index as it is once its column has gone to the trash.
func (r *route) onTrash(c *carry, i *schema.Index, name string) *schema.Index {
	return movedIndex(i, name, c.from.Name, schema.TrashColumn(r.opts.Today, c.from.Name), r.opts.RenameColumn)
}

// renames collects statements that give names, and those that take them back in the opposite order.
type renames struct {
	up, down []planner.Statement
}

func (n *renames) add(about schema.ID, prefix, old, name string) {
	n.up = append(n.up, statement(about, prefix+schema.Quote(old)+" TO "+schema.Quote(name)))
	n.down = append([]planner.Statement{statement(about, prefix+schema.Quote(name)+" TO "+schema.Quote(old))}, n.down...)
}

func (n *renames) addIndex(from, to schema.ID) {
	n.up = append(n.up, renameIndexes(from, to)...)
	n.down = append(renameIndexes(to, from), n.down...)
}

// renameColumns moves the old column out of sight and gives the new one its name.
func (r *route) renameColumns(next *schema.Catalog, c *carry) {
	dropColumn(next, c.from)
	if !c.retyped() {
		return
	}
	col := *column(next, c.to)
	dropColumn(next, c.to)
	col.Name = c.final.Name
	addColumn(next, tableOf(c.from), col, r.to.DependsOn(c.final))
}

// restoreColumn gives the new column what the old one had, and everything else back that was taken down.
func (r *route) restoreColumn(c *carry, gone []schema.ID) error {
	for _, final := range sortedKeys(c.copies) {
		copied := c.copies[final]
		if copied.Kind == schema.KindIndex && final.Kind != schema.KindIndex {
			before, next := r.cur, r.cur.Clone()
			index := next.Get(copied).(*schema.Index)
			next.Remove(copied)
			next.Put(r.to, final)
			first := len(r.steps)
			if err := r.adopt(final, index, next); err != nil {
				return err
			}
			// An index cannot leave its constraint again: the way back builds it, and what refers to it, anew.
			down, err := planner.Statements(next, before, r.opts.Options)
			if err != nil {
				return err
			}
			r.steps[first].Down = down
		}
	}
	next := r.cur.Clone()
	editColumn(next, c.final, func(col *schema.Column) { *col = *c.new })
	for _, x := range append(belongings(r.to, c.final), defaultOf(c.final)) {
		next.Put(r.to, x)
	}
	if err := r.drive(next, ""); err != nil {
		return err
	}
	return r.restore(gone)
}

// keepWarm writes what comes into the new column back to the old one in the trash, so that it can return without loss.
func (r *route) keepWarm(c *carry) error {
	trash := schema.TrashColumn(r.opts.Today, c.from.Name)
	table := tableOf(c.from)
	value := "NEW." + schema.Quote(c.final.Name)
	if c.retyped() {
		t := r.cur.Get(table).(*schema.Table)
		value = overColumns(t, c.down)
	}
	state := r.cur.Clone()
	name := schema.TrashRoutine(r.opts.Today, c.from.Parent+"_"+c.from.Name)
	addHelper(state, name, table, warm(trash, value, !c.retyped()))
	up, err := planner.Statements(r.cur, state, r.opts.Options)
	if err != nil {
		return err
	}
	down, err := planner.Statements(state, r.cur, r.opts.Options)
	if err != nil {
		return err
	}
	r.add(planner.Step{Up: up, Down: down}, nil) // the trash is not part of any state
	return nil
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
