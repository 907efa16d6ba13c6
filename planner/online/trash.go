package online

import (
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

const trashReason = "renamed and not dropped, so that it can come back whole; a later plan proposes the drop"

// discardColumn moves a column that nothing uses any more to the trash.
func (r *route) discardColumn(id schema.ID) error {
	col := column(r.cur, id)
	if col != nil && col.Generated != nil && !col.Inherited {
		return r.dropComputed(id)
	}
	if col == nil || r.opts.Hard || r.opts.AtOnce[id] || col.Inherited || len(descendants(r.cur, tableOf(id))) > 0 || r.needsDropped(id) {
		return nil // dropped with the rest
	}
	return r.merge("move "+id.String()+" to the trash", trashReason, func() error {
		gone := r.builtOn(id)
		if err := r.release(r.freed(belongings(r.cur, id)), gone); err != nil {
			return err
		}
		next := r.cur.Clone()
		r.hold(r.from, id)
		dropColumn(next, id)
		next.Remove(defaultOf(id))
		trash := r.trash.column(id)
		rename := alterTable(tableOf(id)) + "RENAME COLUMN "
		step := planner.Step{
			Up:   []planner.Statement{statement(id, rename+schema.Quote(id.Name)+" TO "+schema.Quote(trash))},
			Down: []planner.Statement{statement(id, rename+schema.Quote(trash)+" TO "+schema.Quote(id.Name))},
		}
		for _, s := range r.sequencesOf(id) {
			aside := s
			aside.Name = r.trash.sequence(s)
			rename := func(from, to schema.ID) planner.Statement {
				return statement(id, "ALTER SEQUENCE "+from.SQL()+" RENAME TO "+schema.Quote(to.Name))
			}
			step.Up, step.Down = append(step.Up, rename(s, aside)), append([]planner.Statement{rename(aside, s)}, step.Down...)
		}
		if col.NotNull && (r.cur.Get(defaultOf(id)) != nil || col.Identity != nil) {
			r.freeNotNull(id, trash, &step)
		} else if col.NotNull {
			set := alterTable(tableOf(id)) + "ALTER COLUMN " + schema.Quote(trash)
			step.Up = append(step.Up, statement(id, set+" DROP NOT NULL"))
			step.Down = append([]planner.Statement{statement(id, set+" SET NOT NULL")}, step.Down...)
		}
		given := r.cur.Get(defaultOf(id)) != nil || col.Identity != nil
		r.add(step, next)
		if err := r.restore(gone); err != nil || given {
			return err
		}
		state := r.cur.Clone()
		addRefuser(state, r.trash.routine(id), tableOf(id), trash)
		return r.attend(state)
	})
}

// builtOn lists what has to go before the column does.
func (r *route) builtOn(id schema.ID) []schema.ID {
	var out []schema.ID
	own := append(belongings(r.cur, id), defaultOf(id))
	for _, x := range dependents(r.cur, id) {
		if !slices.Contains(own, x) && !x.Kind.IsAttachment() && x.Kind != schema.KindTable {
			out = append(out, x)
		}
	}
	return out
}

// dropComputed drops a generated column, whose values are those of others.
func (r *route) dropComputed(id schema.ID) error {
	gone := r.builtOn(id)
	if err := r.release(r.cur.Clone(), gone); err != nil {
		return err
	}
	next := r.cur.Clone()
	dropColumn(next, id)
	if err := r.drive(next, ""); err != nil {
		return err
	}
	return r.restore(gone)
}

// discardTable moves a table that nothing uses any more to the trash, with all that is built on it.
func (r *route) discardTable(table schema.ID) error {
	tree := r.discarded(table)
	if len(tree) == 0 {
		return nil // dropped with the rest, or gone with its parent
	}
	var roots []schema.ID
	for _, t := range tree {
		roots = append(append(roots, r.cur.Columns(t)...), t)
	}
	return r.merge("move "+table.String()+" to the trash", trashReason, func() error {
		var gone []schema.ID
		for _, x := range dependents(r.cur, roots...) {
			owner, owned := r.cur.Owner(x)
			foreign := x.Kind == schema.KindForeignKey || x.Kind == schema.KindTrigger || x.Kind == schema.KindPolicy || x.Kind == schema.KindRule
			if s, ok := r.cur.Get(x).(*schema.Sequence); ok && s.OwnedBy != nil && slices.Contains(tree, tableOf(s.OwnedBy.ID())) {
				continue
			}
			if !x.Kind.IsAttachment() && x.Kind != schema.KindTable && (foreign || !owned || !slices.Contains(tree, owner)) {
				gone = append(gone, x)
			}
		}
		if err := r.release(r.freed(dependents(r.cur, roots...)), gone); err != nil {
			return err
		}
		made := "" // the statement for the schema, once
		for _, t := range tree {
			next := r.cur.Clone()
			for _, column := range r.from.Columns(t) {
				r.hold(r.from, column)
			}
			for _, x := range dependents(next, append(next.Columns(t), t)...) {
				if x.Kind != schema.KindTable {
					next.Remove(x)
				}
			}
			removeWith(next, t)
			step := r.intoTrash(t)
			if made == step.Up[0].SQL {
				step.Up = step.Up[1:]
			} else {
				made = step.Up[0].SQL
			}
			r.add(step, next)
		}
		return r.restore(gone)
	})
}

// discarded lists the tables that go to the trash together: the table, with all its partitions. None where it has to be
// dropped, or goes with its parent.
func (r *route) discarded(table schema.ID) []schema.ID {
	t, ok := r.cur.Get(table).(*schema.Table)
	if !ok || r.opts.Hard || r.opts.AtOnce[table] || t.PartitionOf != nil || len(t.Inherits) > 0 || t.Of != nil {
		return nil
	}
	below := descendants(r.cur, table)
	if t.Partition == nil && len(below) > 0 {
		return nil
	}
	tree := append([]schema.ID{table}, below...)
	for _, id := range tree {
		if r.to.Has(id) || r.standsOnDropped(id) {
			return nil
		}
	}
	return tree
}

// intoTrash moves the table into the schema of the day, which is made where it is not there.
func (r *route) intoTrash(table schema.ID) planner.Step {
	trash := r.trash.schemaFor(r.namesWith(table))
	aside := table
	aside.Schema = trash
	return planner.Step{
		Up: []planner.Statement{
			statement(table, "CREATE SCHEMA IF NOT EXISTS "+schema.Quote(trash)),
			statement(table, alterTable(table)+"SET SCHEMA "+schema.Quote(trash)),
		},
		Down: []planner.Statement{statement(table, alterTable(aside)+"SET SCHEMA "+schema.Quote(table.Schema))},
	}
}

// standsOnDropped reports whether the table needs types or functions that go in the same plan.
func (r *route) standsOnDropped(table schema.ID) bool {
	for _, id := range append(membersOf(r.cur, table), table) {
		if id.Kind == schema.KindTrigger || id.Kind == schema.KindPolicy || id.Kind == schema.KindRule || id.Kind == schema.KindForeignKey {
			continue
		}
		if slices.ContainsFunc(r.cur.AllNeeds(id), r.dropped) {
			return true
		}
	}
	return false
}

// needsDropped reports whether the column, or its default, needs what goes in the same plan.
func (r *route) needsDropped(id schema.ID) bool {
	return slices.ContainsFunc(append(r.cur.Needs(id), r.cur.Needs(defaultOf(id))...), r.dropped)
}

// dropped reports whether a routine or extension goes for good, so that nothing in the trash can stand on it. A type goes to the
// trash as well, unless it stands on one of those.
func (r *route) dropped(id schema.ID) bool {
	switch {
	case r.to.Has(id):
		return false
	case id.Kind.IsType():
		parts := append(r.cur.AllNeeds(id), id)
		for _, x := range r.cur.NeededBy()[id] {
			if x.Kind == schema.KindDomainCheck && x.Parent == id.Name {
				parts = append(parts, r.cur.AllNeeds(x)...)
			}
		}
		return slices.ContainsFunc(parts, func(need schema.ID) bool { return need != id && r.dropped(need) })
	}
	return id.Kind.IsRoutine() || id.Kind == schema.KindExtension
}

// freed is the state in which those of the sequences that stay belong to no column.
func (r *route) freed(ids []schema.ID) *schema.Catalog {
	next := r.cur.Clone()
	for _, id := range ids {
		if s, ok := next.Get(id).(*schema.Sequence); ok && s.OwnedBy != nil && r.to.Has(id) {
			alone := *s
			alone.OwnedBy = nil
			next.Remove(id)
			next.Add(&alone)
		}
	}
	return next
}
