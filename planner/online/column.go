package online

import (
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// keepColumns keeps the columns that go until the contract, without what would stop new code from leaving them out.
func (d *division) keepColumns(changes []planner.Change) {
	for _, c := range changes {
		from, isTable := c.From.(*schema.Table)
		to, stays := c.To.(*schema.Table)
		if !isTable || !stays {
			continue
		}
		for _, col := range from.Columns {
			if to.Column(col.Name) == nil {
				d.keepColumn(schema.ColumnID(from.ID(), col.Name), col)
			}
		}
	}
}

func (d *division) keepColumn(id schema.ID, col schema.Column) {
	if col.Inherited {
		addColumn(d.goal, tableOf(id), col, d.from.DependsOn(id))
		return
	}
	if d.from.Get(defaultOf(id)) == nil && col.Identity == nil && col.Generated == nil && !d.renamed(id) && !d.inKey(id) {
		col.NotNull = false
	}
	addColumn(d.goal, tableOf(id), col, d.from.DependsOn(id))
	for _, x := range append(belongings(d.from, id), defaultOf(id)) {
		d.goal.Put(d.from, x)
	}
	if d.carriedFrom(id) == nil {
		d.retired = append(d.retired, id)
	}
}

// inKey reports whether a primary key that stays until the contract holds the column to NOT NULL.
func (d *division) inKey(id schema.ID) bool {
	for _, x := range d.from.NeededBy()[id] {
		if pk, ok := d.from.Get(x).(*schema.PrimaryKey); ok && slices.Contains(pk.Columns, id.Name) {
			return true
		}
	}
	return false
}

func (d *division) renamed(id schema.ID) bool {
	return slices.ContainsFunc(d.opts.Renames, func(m planner.Move) bool { return m.From == id })
}

func defaultOf(column schema.ID) schema.ID {
	column.Kind = schema.KindDefault
	return column
}

// fill says how rows that are there get the value of a column, and how those do that old code writes.
type fill struct {
	// set is the expression, and missing the condition under which a row still lacks its value.
	set, missing string
	batch        int
	// sequence, where it is not empty, is the schema-qualified sequence that numbers the rows until the identity takes over.
	sequence string
	reason   string
}

// fillColumns finds the columns whose rows have to be filled, and writes the trigger for those that old code writes.
func (d *division) fillColumns(changes []planner.Change) {
	for _, c := range changes {
		from, isTable := c.From.(*schema.Table)
		to, stays := c.To.(*schema.Table)
		if !isTable || !stays || to.PartitionOf != nil {
			continue
		}
		for i := range to.Columns {
			after := &to.Columns[i]
			id := schema.ColumnID(to.ID(), after.Name)
			if !d.opts.changedInPlace(id) && !after.Inherited && d.fills[id].set == "" {
				d.fillColumn(id, from.Column(after.Name), after)
			}
		}
	}
}

func (d *division) fillColumn(id schema.ID, before, after *schema.Column) {
	b, declared := d.opts.Backfills[id]
	def, hasDefault := d.to.Get(defaultOf(id)).(*schema.Default)
	missing := schema.Quote(id.Name) + " IS NULL"
	switch {
	case declared && (before == nil || !before.NotNull && after.NotNull):
		d.fills[id] = fill{set: b.Set, missing: missing, batch: b.Batch, reason: "rows that are there get their value in batches, and a trigger gives it to those that old code writes"}
		d.addFiller(id, b.Set)
	case before != nil && before.Generated != nil && after.Generated == nil && !before.Generated.Virtual:
		d.addRecomputer(id, before.Generated.Expr, after.Type)
	case before != nil:
	case after.Identity != nil:
		sequence := schema.Qualified(id.Schema, after.Identity.Sequence)
		d.fills[id] = fill{set: "pg_catalog.nextval(" + schema.Literal(sequence) + ")", missing: missing, sequence: after.Identity.Sequence,
			reason: "adding an identity would write the table anew under ACCESS EXCLUSIVE"}
	case hasDefault && !d.opts.Harmless[id]:
		d.fills[id] = fill{set: def.Expr, missing: missing, reason: "a default that differs from row to row would write the table anew under ACCESS EXCLUSIVE"}
	case !hasDefault && after.NotNull && after.Generated == nil:
		d.unfilled = append(d.unfilled, id)
	}
}

// hold takes out of the first step what a filled column is given later.
func (fill) hold(mid *schema.Catalog, id schema.ID) {
	editColumn(mid, id, func(c *schema.Column) { c.NotNull, c.Identity = false, nil })
	mid.Remove(defaultOf(id))
}

// fill gives every row its value.
func (r *route) fill(id schema.ID, f fill, goal *schema.Catalog) error {
	table := tableOf(id)
	switch {
	case f.sequence != "":
		r.number(id, f.sequence, f.reason)
	case goal.Get(defaultOf(id)) != nil:
		next := r.cur.Clone()
		next.Put(goal, defaultOf(id))
		if err := r.drive(next, f.reason); err != nil {
			return err
		}
	}
	sql := "UPDATE " + table.SQL() + " SET " + schema.Quote(id.Name) + " = " + f.set + " WHERE " + f.missing
	r.add(planner.Step{Title: "backfill " + id.String(), Mode: planner.Batched, Table: table, Batch: f.batch, Reason: f.reason,
		Up: []planner.Statement{statement(id, sql)}}, nil)
	return nil
}

// number makes the sequence that numbers rows until the identity is there.
func (r *route) number(id schema.ID, sequence, reason string) {
	name := schema.Qualified(id.Schema, sequence)
	set := alterTable(tableOf(id)) + "ALTER COLUMN " + schema.Quote(id.Name)
	r.add(planner.Step{Title: "number " + id.String(), Reason: reason,
		Up: []planner.Statement{
			statement(id, "CREATE SEQUENCE "+name+" AS "+column(r.to, id).Type),
			statement(id, set+" SET DEFAULT pg_catalog.nextval("+schema.Literal(name)+")"),
		},
		Down: []planner.Statement{statement(id, set+" DROP DEFAULT"), statement(id, "DROP SEQUENCE "+name)},
	}, nil)
}

// identify replaces the sequence that numbered the rows by the identity.
func (r *route) identify(id schema.ID, f fill) error {
	identity := column(r.to, id).Identity
	s := &schema.Sequence{
		Schema: id.Schema, Name: f.sequence, Type: column(r.to, id).Type, Start: identity.Start, Increment: identity.Increment,
		Min: identity.Min, Max: identity.Max, Cache: identity.Cache, Cycle: identity.Cycle, Unlogged: identity.Unlogged,
	}
	step, next, err := r.handOver(id, s, r.cur, r.to)
	if err != nil {
		return err
	}
	set := alterTable(tableOf(id)) + "ALTER COLUMN " + schema.Quote(id.Name)
	step.Up = append([]planner.Statement{lockTable(tableOf(id)), statement(id, set+" DROP DEFAULT")}, step.Up...)
	step.Down = append(step.Down, statement(id, set+" SET DEFAULT pg_catalog.nextval("+schema.Literal(s.ID().SQL())+")"))
	r.add(step, next)
	return nil
}
