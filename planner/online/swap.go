package online

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// swap puts new columns into the place of old ones, in one transaction.
func (r *route) swap(g *group) error {
	var leftovers []schema.ID
	title := "swap " + g.carries[0].final.String()
	for _, c := range g.carries[1:] {
		title += ", " + c.final.String()
	}
	err := r.merge(title, "one short transaction: the new columns are filled and everything on them is built", func() error {
		gone := r.dependentsOf(g)
		about := tableOf(g.carries[0].from)
		r.add(planner.Step{Up: []planner.Statement{statement(about, "LOCK TABLE "+r.lockList(g, gone)+" IN ACCESS EXCLUSIVE MODE")}}, nil)
		next := r.cur.Clone()
		for _, c := range g.carries {
			r.strip(next, c)
		}
		if err := r.release(next, gone); err != nil {
			return err
		}
		leftovers = r.rename(g)
		if err := r.restoreKeys(g); err != nil {
			return err
		}
		if err := r.restoreColumns(g); err != nil {
			return err
		}
		if err := r.restore(gone); err != nil {
			return err
		}
		for _, c := range g.carries {
			finish := r.keepWarm
			if slices.ContainsFunc(r.from.Needs(c.from), r.dropped) {
				finish = r.dropOld
			}
			if err := finish(c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.dropIndexes(leftovers)
}

// strip takes from the old column what the new one gets, and the trigger between them.
func (r *route) strip(next *schema.Catalog, c *carry) {
	removeHelper(next, c.trigger)
	for _, x := range append(belongings(next, c.from), defaultOf(c.from)) {
		s, ok := next.Get(x).(*schema.Sequence)
		next.Remove(x)
		if ok && r.to.Get(x) != nil {
			freed := *s
			freed.OwnedBy = nil
			next.Add(&freed)
		}
	}
	editColumn(next, c.from, func(col *schema.Column) { col.NotNull, col.Identity = false, nil })
}

// dependentsOf lists what has to be taken down around a swap.
func (r *route) dependentsOf(g *group) []schema.ID {
	skip := map[schema.ID]bool{}
	var roots []schema.ID
	for _, c := range g.carries {
		roots = append(roots, c.from)
		skip[c.trigger], skip[defaultOf(c.from)] = true, true
		for _, x := range belongings(r.cur, c.from) {
			skip[x] = true
		}
	}
	for _, e := range g.recasts() {
		roots = append(roots, e.id)
	}
	for _, copied := range g.copies {
		skip[copied] = true
	}
	var out []schema.ID
	for _, x := range dependents(r.cur, roots...) {
		if !skip[x] && x.Kind != schema.KindIndex && !x.Kind.IsAttachment() && x.Kind != schema.KindTable {
			out = append(out, x)
		}
	}
	return out
}

// lockList names the tables of a swap, those that are referred to first, so that two such transactions meet in one order.
func (r *route) lockList(g *group, gone []schema.ID) string {
	var referred, others []schema.ID
	for _, id := range gone {
		if fk, ok := r.cur.Get(id).(*schema.ForeignKey); ok {
			referred = append(referred, schema.ID{Kind: schema.KindTable, Schema: fk.RefTable.Schema, Name: fk.RefTable.Name})
			others = append(others, tableOf(id))
		}
	}
	for _, c := range g.carries {
		others = append(others, tableOf(c.from))
	}
	slices.SortFunc(referred, schema.ID.Compare)
	slices.SortFunc(others, schema.ID.Compare)
	var list []string
	for _, id := range append(referred, others...) {
		if name := id.SQL(); !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return strings.Join(list, ", ")
}

// rename gives columns, indexes and constraints the names that they have in the end. It lists the old indexes, which are left.
func (r *route) rename(g *group) []schema.ID {
	names := &renames{}
	next := r.cur.Clone()
	for _, e := range g.recasts() {
		r.renameEnum(e, next, names)
	}
	for _, c := range g.carries {
		column := alterTable(tableOf(c.from)) + "RENAME COLUMN "
		names.add(c.from, column, c.from.Name, r.trash.column(c.from))
		if c.retyped() {
			names.add(c.final, column, c.to.Name, c.final.Name)
			r.renameNotNull(c, names)
		}
	}
	var leftovers []schema.ID
	for _, final := range sortedKeys(g.copies) {
		copied := g.copies[final]
		if final.Kind == schema.KindIndex && r.cur.Get(final) != nil {
			leftovers = append(leftovers, r.setAside(g, final, next, names))
		}
		switch {
		case final.Kind == schema.KindIndex:
			names.addIndex(copied, final)
			bare := *r.to.Get(final).(*schema.Index)
			bare.Clustered = false
			next.Put(r.to, final)
			next.Add(&bare)
		case copied.Kind == schema.KindIndex: // which the constraint takes in
			i := next.Get(copied).(*schema.Index)
			for _, c := range g.carries {
				i = movedIndex(i, copied.Name, c.to.Name, c.final.Name, r.opts.RenameColumn)
			}
			next.Add(i)
			continue
		default:
			names.add(final, alterTable(tableOf(final))+"RENAME CONSTRAINT ", copied.Name, final.Name)
			next.Put(r.to, final)
			for key, index := range g.copies {
				if index.Kind == schema.KindIndex && slices.Contains(r.to.DependsOn(final), key) {
					next.Depend(final, index)
				}
			}
		}
		next.Remove(copied)
	}
	for _, c := range g.carries {
		r.renameColumn(next, c)
	}
	r.add(planner.Step{Up: names.up, Down: names.down}, next)
	return leftovers
}

// renameNotNull gives the constraint that keeps the new column NOT NULL the name that the engine would give it; before
// PostgreSQL 18 it has none.
func (r *route) renameNotNull(c *carry, names *renames) {
	if table := tableOf(c.from); r.opts.Major >= 18 && column(r.cur, c.to).NotNull {
		names.add(c.final, alterTable(table)+"RENAME CONSTRAINT ", objectName(table.Name, c.to.Name, "not_null"), objectName(table.Name, c.final.Name, "not_null"))
	}
}

// setAside renames an index that has followed its columns to the trash.
func (r *route) setAside(g *group, final schema.ID, next *schema.Catalog, names *renames) schema.ID {
	old := final
	old.Name = schema.Shorten(final.Name + "__pleat_old")
	names.addIndex(final, old)
	aside := next.Get(final).(*schema.Index)
	for _, c := range g.carries {
		to := c.from.Name
		if tableOf(c.from) == tableOf(final) {
			to = r.trash.column(c.from)
		}
		aside = movedIndex(aside, old.Name, c.from.Name, to, r.opts.RenameColumn)
	}
	for _, e := range g.recasts() {
		aside = recastObject(aside, e.id, e.trash, r.opts.RenameType).(*schema.Index)
	}
	next.Remove(final)
	next.Add(aside)
	next.Depend(old, tableOf(final))
	return old
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

// renameColumn moves the old column out of sight and gives the new one its name.
func (r *route) renameColumn(next *schema.Catalog, c *carry) {
	r.hold(r.from, c.from)
	dropColumn(next, c.from)
	if !c.retyped() {
		return
	}
	col := *column(next, c.to)
	dropColumn(next, c.to)
	col.Name, col.Type = c.final.Name, c.new.Type
	addColumn(next, tableOf(c.from), col, r.to.DependsOn(c.final))
}

// restoreColumns gives the new columns what the old ones had.
func (r *route) restoreColumns(g *group) error {
	next := r.cur.Clone()
	for _, c := range g.carries {
		editColumn(next, c.final, func(col *schema.Column) { *col = *c.new })
		for _, x := range append(belongings(r.to, c.final), defaultOf(c.final)) {
			next.Put(r.to, x)
		}
	}
	return r.drive(next, "")
}

// keepWarm writes what comes into the new column back to the old one in the trash, so that it can return without loss.
func (r *route) keepWarm(c *carry) error {
	trash := r.trash.column(c.from)
	table := tableOf(c.from)
	value := "NEW." + schema.Quote(c.final.Name)
	if c.retyped() {
		t := r.cur.Get(table).(*schema.Table)
		value = overColumns(t, r.withoutTypes(c), r.opts.Columns)
	}
	state := r.cur.Clone()
	name := r.trash.routine(c.from)
	addHelper(state, name, table, warm(trash, value, !c.retyped()))
	return r.attend(state)
}

// attend goes to a state and back again: what it makes belongs to the trash, which is part of no state.
func (r *route) attend(state *schema.Catalog) error {
	up, err := planner.Statements(r.cur, state, r.opts.Options)
	if err != nil {
		return err
	}
	down, err := planner.Statements(state, r.cur, r.opts.Options)
	if err != nil {
		return err
	}
	r.add(planner.Step{Up: up, Down: down}, nil)
	return nil
}

// dropOld drops the old column at once, because its type goes too. Its values come back from the new column.
func (r *route) dropOld(c *carry) error {
	trash, table := schema.Quote(r.trash.column(c.from)), alterTable(tableOf(c.from))
	add := "ADD COLUMN " + trash + " " + c.old.Type
	if c.old.Collation != "" {
		add += " COLLATE " + c.old.Collation
	}
	value := c.down
	if !c.retyped() {
		value = schema.Quote(c.final.Name)
	}
	r.add(planner.Step{
		Up: []planner.Statement{statement(c.from, table+"DROP COLUMN "+trash)},
		Down: []planner.Statement{statement(c.from, table+add),
			statement(c.from, "UPDATE "+tableOf(c.from).SQL()+" SET "+trash+" = "+value)},
	}, nil)
	return nil
}
