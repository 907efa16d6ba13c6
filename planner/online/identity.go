package online

import (
	"slices"
	"strconv"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

const identityReason = "the identity goes on where the sequence stands: to look for the largest value would read the table under ACCESS EXCLUSIVE"

// numberedBy is the sequence that numbers a column which becomes an identity; nil where none does, or where an index finds the
// largest value at once.
func (r *route) numberedBy(id schema.ID, goal *schema.Catalog) *schema.Sequence {
	before, after := column(r.cur, id), column(goal, id)
	if before == nil || after == nil || before.Identity != nil || after.Identity == nil || r.cur.Get(defaultOf(id)) == nil || r.ordered(id) {
		return nil
	}
	for _, x := range belongings(r.cur, id) {
		if s, ok := r.cur.Get(x).(*schema.Sequence); ok && goal.Get(x) == nil && slices.Contains(r.cur.DependsOn(defaultOf(id)), x) {
			return s
		}
	}
	return nil
}

// ordered reports whether an index begins with the column, so that its largest value is found without reading the table.
func (r *route) ordered(id schema.ID) bool {
	return slices.ContainsFunc(r.cur.NeededBy()[id], func(x schema.ID) bool {
		switch o := r.cur.Get(x).(type) {
		case *schema.PrimaryKey:
			return o.Columns[0] == id.Name
		case *schema.Unique:
			return o.Columns[0] == id.Name
		case *schema.Index:
			return o.Method == "btree" && o.Where == "" && o.Elements[0].Column == id.Name && tableOf(x) == tableOf(id)
		}
		return false
	})
}

// stayNumbered leaves the column to its sequence for now.
func (r *route) stayNumbered(mid *schema.Catalog, id schema.ID, s *schema.Sequence) {
	before := column(r.cur, id)
	editColumn(mid, id, func(c *schema.Column) { c.Identity = before.Identity })
	putWith(mid, r.cur, s.ID())
	mid.Put(r.cur, defaultOf(id))
}

// succeed puts an identity into the place of the sequence that numbers the column.
func (r *route) succeed(id schema.ID, s *schema.Sequence, goal *schema.Catalog) error {
	without := r.cur.Clone()
	without.Remove(defaultOf(id))
	alone := *s
	alone.OwnedBy = nil
	without.Add(&alone)
	leave, err := planner.Statements(r.cur, without, r.opts.Options)
	if err != nil {
		return err
	}
	bare := without.Clone()
	removeWith(bare, s.ID())
	afresh := bare.Clone()
	afresh.Add(&alone)
	enter, err := planner.Statements(afresh, r.cur, r.opts.Options)
	if err != nil {
		return err
	}
	step, next, err := r.handOver(id, &alone, bare, goal)
	if err != nil {
		return err
	}
	step.Up = append(append([]planner.Statement{lockTable(tableOf(id))}, leave...), step.Up...)
	step.Down = append(step.Down, enter...)
	r.add(step, next)
	return nil
}

func lockTable(table schema.ID) planner.Statement {
	return statement(table, "LOCK TABLE "+table.SQL()+" IN ACCESS EXCLUSIVE MODE")
}

// handOver lets an identity go on where a sequence stands that nothing uses any more, and which it drops. bare is the state
// without either.
func (r *route) handOver(id schema.ID, s *schema.Sequence, bare, goal *schema.Catalog) (planner.Step, *schema.Catalog, error) {
	identity := column(goal, id).Identity
	next := bare.Clone()
	editColumn(next, id, func(c *schema.Column) { c.Identity = identity })
	aside := *s
	aside.Name = schema.Shorten(s.Name + "__pleat_old")
	opts := r.opts.Options
	opts.Numbered = map[schema.ID]bool{id: true}
	kept := next.Clone()
	kept.Add(&aside)
	keptBare := bare.Clone()
	keptBare.Add(&aside)
	step := planner.Step{Title: "give " + id.String() + " its identity", Reason: identityReason}
	var legs [3][]planner.Statement
	for i, leg := range [][2]*schema.Catalog{{bare, next}, {next, kept}, {kept, keptBare}} {
		var err error
		if legs[i], err = planner.Statements(leg[0], leg[1], opts); err != nil {
			return step, nil, err
		}
	}
	sequence := schema.ID{Kind: schema.KindSequence, Schema: id.Schema, Name: identity.Sequence}
	if sequence.Name == "" {
		sequence.Name = objectName(id.Parent, id.Name, "seq")
	}
	rename := func(from, to schema.ID) planner.Statement {
		return statement(id, "ALTER SEQUENCE "+from.SQL()+" RENAME TO "+schema.Quote(to.Name))
	}
	within := identityRange(identity)
	for _, x := range goal.IDs() { // the sequence of an identity belongs to whom its table belongs
		if x.Kind == schema.KindOwner && x.Target() == sequence {
			next.Put(goal, x)
		}
	}
	step.Up = append([]planner.Statement{rename(s.ID(), aside.ID())}, legs[0]...)
	step.Up = append(step.Up, statement(id, takeOver(sequence, aside.ID())+within), statement(id, "DROP SEQUENCE "+aside.ID().SQL()))
	step.Down = append(append(step.Down, legs[1]...), statement(id, takeOver(aside.ID(), sequence)))
	step.Down = append(append(step.Down, legs[2]...), rename(aside.ID(), s.ID()))
	return step, next, nil
}

// takeOver sets one sequence to where another one stands.
func takeOver(to, from schema.ID) string {
	return "SELECT pg_catalog.setval(" + schema.Literal(to.SQL()) + ", last_value, is_called) FROM " + from.SQL()
}

// identityRange keeps a number from the identity that it has not reached yet, or does not take.
func identityRange(i *schema.Identity) string {
	reached := " >= "
	if i.Increment < 0 {
		reached = " <= "
	}
	return " WHERE last_value" + reached + strconv.FormatInt(i.Start, 10) +
		" AND last_value BETWEEN " + strconv.FormatInt(i.Min, 10) + " AND " + strconv.FormatInt(i.Max, 10)
}
