package online

import (
	"fmt"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// carry is a column whose values move to another one: because its type changes in a way that would write the table anew, or
// because it gets another name while code that knows the old one runs.
type carry struct {
	// from holds the values now, to takes them over.
	from, to schema.ID
	// final is the name of to in the end: that of from where the type changes.
	final schema.ID
	// up computes to, down computes from.
	up, down string
	old, new *schema.Column
	reason   string
	// enum is set where the type keeps its name and another one takes its place.
	enum *recast
	// trigger keeps both in step between the phases.
	trigger schema.ID
}

// retyped reports whether the column keeps its name.
func (c *carry) retyped() bool { return c.final == c.from }

// carriedFrom finds the carry that ends the column.
func (d *division) carriedFrom(id schema.ID) *carry {
	for _, c := range d.carried {
		if c.from == id {
			return c
		}
	}
	return nil
}

// carriedTo finds the carry that brings the column in its new state.
func (d *division) carriedTo(id schema.ID) *carry {
	for _, c := range d.carried {
		if c.final == id {
			return c
		}
	}
	return nil
}

// findCarried decides which columns are carried to another one.
func (d *division) findCarried() {
	for _, m := range d.opts.Renames {
		old, renamed := column(d.from, m.From), column(d.to, m.To)
		if old != nil && renamed != nil && d.obstacle(m.From) == "" {
			d.carried = append(d.carried, &carry{from: m.From, to: m.To, final: m.To, up: schema.Quote(m.From.Name), old: old, new: renamed,
				reason: "code that knows the old name goes on working until the contract"})
		}
	}
	for _, id := range d.from.IDs() {
		t, isTable := d.from.Get(id).(*schema.Table)
		after, stays := d.to.Get(id).(*schema.Table)
		if !isTable || !stays {
			continue
		}
		for i := range t.Columns {
			old := &t.Columns[i]
			if changed := after.Column(old.Name); changed != nil && (changed.Type != old.Type || changed.Collation != old.Collation) {
				d.carryType(schema.ColumnID(id, old.Name), old, changed)
			}
		}
	}
}

func (d *division) carryType(id schema.ID, old, changed *schema.Column) {
	if d.opts.Harmless[id] || d.opts.changedInPlace(id) {
		return
	}
	if obstacle := d.obstacle(id); obstacle != "" {
		d.reasons[id] = "the values cannot move to a new column while programs run, because " + obstacle + "; a change of the type in place can write the table anew under ACCESS EXCLUSIVE"
		return
	}
	convert := d.opts.Converts[id]
	name := schema.Quote(id.Name)
	c := &carry{from: id, final: id, to: id, up: convert.Using, down: convert.Reverse, old: old, new: changed,
		reason: fmt.Sprintf("changing %s to %s in place would write the table anew under ACCESS EXCLUSIVE", old.Type, changed.Type)}
	c.to.Name = schema.Shorten(id.Name + "__pleat_new")
	if c.up == "" {
		c.up = castUp(id, changed, d.opts)
	}
	if c.down == "" {
		c.down = name + "::" + old.Type
	}
	d.carried = append(d.carried, c)
}

// Carriable reports whether the values of a column can move to another one while programs use both.
func Carriable(c *schema.Catalog, column schema.ID) bool {
	d := &division{from: c}
	_, isTable := c.Get(tableOf(column)).(*schema.Table)
	return isTable && d.obstacle(column) == ""
}

// obstacle says what about the column cannot be taken over by another one; empty where nothing stands in the way. What cannot
// be carried is changed where it stands.
func (d *division) obstacle(id schema.ID) string {
	t := d.from.Get(tableOf(id)).(*schema.Table)
	switch col := t.Column(id.Name); {
	case t.Partition != nil || t.PartitionOf != nil:
		return t.ID().String() + " is partitioned"
	case len(t.Inherits) > 0 || len(descendants(d.from, t.ID())) > 0:
		return t.ID().String() + " is part of an inheritance tree"
	case t.Of != nil:
		return t.ID().String() + " has the columns of a type"
	case col.Generated != nil:
		return id.String() + " is generated"
	case t.ReplicaIdentity == "index":
		return "an index is the replica identity of " + t.ID().String()
	}
	for _, x := range dependents(d.from, id) {
		switch o := d.from.Get(x).(type) {
		case *schema.Unmanaged, *schema.Exclude, *schema.Materialized:
			return x.String() + " is built on it"
		case *schema.PrimaryKey:
			if o.WithoutOverlaps {
				return x.String() + " is built on it"
			}
		}
	}
	for _, x := range d.from.NeededBy()[id] {
		if x.Kind == schema.KindColumn && x.Parent == id.Parent && x.Schema == id.Schema {
			return x.String() + " is generated from it"
		}
	}
	return ""
}

// prepare puts the new column into the goal, with the trigger that fills it and a copy of all that is built on the old one.
func (d *division) prepare(c *carry) {
	goal, table := d.goal, tableOf(c.from)
	after := *c.new
	after.Name, after.Type, after.Identity, after.Inherited = c.to.Name, c.typeBeside(), nil, false
	if c.retyped() {
		editColumn(goal, c.from, func(col *schema.Column) {
			*col = *c.old
		})
		for _, x := range append(belongings(d.from, c.from), defaultOf(c.from)) {
			goal.Put(d.from, x)
		}
		for _, need := range d.from.DependsOn(c.from) {
			goal.Depend(c.from, need)
		}
		addColumn(goal, table, after, c.needsBeside(d.to.DependsOn(c.from)))
	} else {
		for _, x := range append(belongings(goal, c.to), defaultOf(c.to)) {
			goal.Remove(x)
		}
		editColumn(goal, c.to, func(col *schema.Column) { *col = after })
	}
	value, body := c.up, ""
	if c.retyped() {
		value, body = "("+c.up+")", follow(c.to.Name, d.overRow(c.from, c.up))
	} else {
		body = both(c.from, c.to, c.new.Type)
	}
	d.fills[c.to] = fill{set: c.up, missing: differ(c.new.Type, schema.Quote(c.to.Name), value), reason: c.reason}
	c.trigger = addHelper(goal, helperName(c.from), table, body)
}

// alias keeps renamed tables known under their old names.
func (d *division) alias() {
	for _, m := range d.opts.Aliases {
		t, ok := d.goal.Get(m.To).(*schema.Table)
		if !ok {
			continue
		}
		v := &schema.View{Schema: m.From.Schema, Name: m.From.Name}
		names := make([]string, 0, len(t.Columns))
		for _, col := range d.from.Get(m.To).(*schema.Table).Columns {
			v.Columns = append(v.Columns, schema.ViewColumn{Name: col.Name, Type: col.Type, Collation: col.Collation})
			names = append(names, col.Name)
		}
		v.Query = " SELECT " + schema.QuoteAll(names) + "\n   FROM " + m.To.SQL()
		if d.opts.Major >= 15 {
			v.SecurityInvoker = "true"
		}
		d.goal.Add(v)
		d.goal.Depend(v.ID(), m.To)
		for _, col := range d.from.Columns(m.To) {
			d.goal.Depend(v.ID(), col)
		}
		if g, ok := d.goal.Get(schema.GrantID(m.To)).(*schema.Grant); ok {
			d.goal.Add(&schema.Grant{On: v.ID(), Entries: g.Entries})
		}
	}
}

// aliases makes the views first: between the rename and its view nobody may find nothing.
func (r *route) aliases(d *division) error {
	if len(d.opts.Aliases) == 0 {
		return nil
	}
	next := r.cur.Clone()
	for _, m := range d.opts.Aliases {
		view := schema.ID{Kind: schema.KindView, Schema: m.From.Schema, Name: m.From.Name}
		next.Put(d.goal, view)
		next.Put(d.goal, schema.GrantID(view))
	}
	return r.drive(next, "code that knows the old name of the table goes on working until the contract")
}

// lossy finds values that do not survive a change of type, unless a declared conversion says what becomes of them.
func (c *carry) lossy(declared bool, major int, from, to *schema.Catalog) []planner.Check {
	if c.enum != nil {
		return c.missingValues(declared)
	}
	if !c.retyped() || declared || widens(c.old.Type, c.new.Type) {
		return nil
	}
	sql := ""
	switch values, isEnum := enumValues(to, c); {
	case isEnum:
		sql = notAmong(c, values)
	case comparable(c.old.Type, c.new.Type) && typeStays(from, to, c.final):
		sql = unfit(c, major)
	default:
		return nil
	}
	return []planner.Check{{Message: fmt.Sprintf("values of %s do not survive the change from %s to %s", c.from, c.old.Type, c.new.Type), SQL: sql}}
}
