package online

import (
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// division is what the two phases have to do.
type division struct {
	opts     Options
	from, to *schema.Catalog
	// goal is the state between the phases: everything new is there, and everything that old code needs.
	goal *schema.Catalog
	// waits holds the changes that are left to the contract.
	waits map[schema.ID]bool
	// fills say how rows that are there get the value of a new column.
	fills map[schema.ID]fill
	// carried are columns whose values move to another column, retired those that go; both are the contract's.
	carried []*carry
	grouped []*group
	// rekeyed are keys that take the place of others.
	rekeyed []schema.ID
	retired []schema.ID
	// tables go to the trash.
	tables []schema.ID
	// detached are partitions that lose their place.
	detached []schema.ID
	// late gives tables the places that those leave.
	late []func() error
	// unfilled are new columns that demand a value and say none.
	unfilled []schema.ID
	// helpers are triggers with functions that only the time between the phases needs.
	helpers []schema.ID
	// enums are types of which values go or move, and reasons say why something is changed in the form that it is.
	enums   []*recast
	reasons map[schema.ID]string
}

// divide builds the state between the phases.
func divide(from, to *schema.Catalog, opts Options) *division {
	d := &division{opts: opts, from: from, to: to, goal: to.Clone(), waits: map[schema.ID]bool{}, fills: map[schema.ID]fill{},
		reasons: map[schema.ID]string{}}
	changes := planner.Diff(from, to)
	d.findCarried()
	d.findEnums()
	for _, c := range changes {
		if d.breaks(c) {
			d.waits[c.ID()] = true
		}
	}
	d.findRekeyed(changes)
	d.spread(changes)
	for _, c := range changes {
		d.keep(c)
	}
	d.settleNeeds()
	d.keepColumns(changes)
	d.keepNotNull()
	d.findDetached()
	d.besideEnums()
	for _, c := range d.carried {
		d.prepare(c)
	}
	d.grouped = d.groups()
	for _, g := range d.grouped {
		d.copyDependents(g)
	}
	d.fillColumns(changes)
	d.alias()
	return d
}

// keepNotNull keeps the columns of a primary key that stays until the contract as the key needs them.
func (d *division) keepNotNull() {
	for id := range d.waits {
		pk, ok := d.from.Get(id).(*schema.PrimaryKey)
		if !ok || d.goal.Get(id) == nil {
			continue
		}
		for _, name := range pk.Columns {
			editColumn(d.goal, schema.ColumnID(tableOf(id), name), func(c *schema.Column) { c.NotNull = true })
		}
	}
}

// settleNeeds takes what does not change from the state before where it needs something that only the contract brings: a view
// of a view that becomes a table still needs the view.
func (d *division) settleNeeds() {
	for _, id := range slices.Clone(d.goal.IDs()) {
		if before := d.from.Get(id); before != nil && planner.Equal(before, d.goal.Get(id)) && !complete(d.goal, id) {
			d.goal.Put(d.from, id)
		}
	}
}

// breaks reports whether code that was written for the state before could miss what the change takes away.
func (d *division) breaks(c planner.Change) bool {
	id := c.ID()
	switch {
	case c.From == nil:
		return false
	case c.To != nil:
		return d.narrows(c)
	}
	switch id.Kind {
	case schema.KindCheck, schema.KindForeignKey, schema.KindExclude:
		return d.loses(id)
	case schema.KindDomainCheck, schema.KindComment, schema.KindOwner, schema.KindGrant:
		target := id
		if id.Kind.IsAttachment() {
			target = id.Target()
		}
		return id.Kind == schema.KindGrant || target.Kind != schema.KindColumn && d.to.Get(target) == nil
	case schema.KindDefault:
		return !d.numbered(id)
	case schema.KindSequence:
		s := c.From.(*schema.Sequence)
		return s.OwnedBy == nil || !d.numbered(s.OwnedBy.ID())
	}
	return true
}

// loses reports whether a constraint goes together with one of its columns or its table.
func (d *division) loses(id schema.ID) bool {
	if !d.to.Has(tableOf(id)) {
		return true
	}
	for _, need := range d.from.Needs(id) {
		if need.Kind == schema.KindColumn && !d.to.Has(need) || need.Kind == schema.KindTable && !d.to.Has(need) {
			return true
		}
	}
	return false
}

// numbered reports whether the column gets its numbers from an identity instead.
func (d *division) numbered(id schema.ID) bool {
	id.Kind = schema.KindColumn
	col := column(d.to, id)
	return col != nil && col.Identity != nil
}

// narrows reports whether a changed object serves old code less than before.
func (d *division) narrows(c planner.Change) bool {
	switch from := c.From.(type) {
	case *schema.View:
		return viewNarrows(from.Columns, c.To.(*schema.View).Columns)
	case *schema.Materialized:
		return viewNarrows(from.Columns, c.To.(*schema.Materialized).Columns)
	case *schema.Enum:
		return !isSubsequence(from.Values, c.To.(*schema.Enum).Values)
	case *schema.Domain:
		return from.Type != c.To.(*schema.Domain).Type
	case *schema.Composite:
		return !compositeGrows(from, c.To.(*schema.Composite))
	case *schema.Function:
		to := c.To.(*schema.Function)
		return from.Returns != to.Returns || from.ReturnsSet != to.ReturnsSet
	case *schema.Grant:
		return !grantsAll(from, c.To.(*schema.Grant))
	}
	return false
}

func viewNarrows(from, to []schema.ViewColumn) bool {
	kept := map[string]string{}
	for _, c := range to {
		kept[c.Name] = c.Type
	}
	for _, c := range from {
		if kept[c.Name] != c.Type {
			return true
		}
	}
	return false
}

func isSubsequence(part, whole []string) bool {
	i := 0
	for _, v := range whole {
		if i < len(part) && part[i] == v {
			i++
		}
	}
	return i == len(part)
}

func compositeGrows(from, to *schema.Composite) bool {
	if len(to.Fields) < len(from.Fields) {
		return false
	}
	for i := range from.Fields {
		if from.Fields[i] != to.Fields[i] {
			return false
		}
	}
	return true
}

func grantsAll(from, to *schema.Grant) bool {
	has := map[schema.GrantEntry]bool{}
	for _, e := range to.Entries {
		has[e] = true
	}
	for _, e := range from.Entries {
		if !has[e] {
			return false
		}
	}
	return true
}

// spread leaves to the contract what needs something that comes only there, and what takes a name that is free only there.
func (d *division) spread(changes []planner.Change) {
	for again := true; again; {
		again = false
		names := d.keptNames(changes)
		for _, c := range changes {
			id := c.ID()
			if c.To == nil || d.waits[id] || id.Kind == schema.KindTable && c.From != nil {
				continue
			}
			if names[nameOf(id)] && c.From == nil && nameOf(id) != (schema.ID{}) || d.needsLater(id) {
				d.waits[id] = true
				again = true
			}
		}
	}
}

// needsLater reports whether the new state of the object needs something that the contract brings.
func (d *division) needsLater(id schema.ID) bool {
	for _, need := range d.to.AllNeeds(id) {
		if d.waits[need] && d.to.Get(need) != nil {
			return true
		}
		if c := d.carriedTo(need); c != nil && c.retyped() {
			return true
		}
	}
	return false
}

// keptNames are the names of relations and types that stay taken until the contract.
func (d *division) keptNames(changes []planner.Change) map[schema.ID]bool {
	out := map[schema.ID]bool{}
	for _, c := range changes {
		if c.To == nil && d.waits[c.ID()] {
			if n := nameOf(c.ID()); n != (schema.ID{}) {
				out[n] = true
			}
		}
	}
	return out
}

// nameOf stands for the name of a relation, index or type, which share one space, or of a routine; zero for others.
func nameOf(id schema.ID) schema.ID {
	if id.Kind.IsRelation() || id.Kind.IsType() || id.Kind == schema.KindIndex || id.Kind == schema.KindSequence ||
		id.Kind == schema.KindPrimaryKey || id.Kind == schema.KindUnique || id.Kind == schema.KindExclude {
		return schema.ID{Schema: id.Schema, Name: id.Name}
	}
	if id.Kind.IsRoutine() {
		return schema.ID{Schema: id.Schema, Name: id.Name, Args: "(" + id.Args + ")"}
	}
	return schema.ID{}
}

// keep puts the state before into the goal where the change is left to the contract.
func (d *division) keep(c planner.Change) {
	id := c.ID()
	if !d.waits[id] || id.Kind == schema.KindTable && c.From != nil && c.To != nil {
		return
	}
	if c.From == nil {
		removeWith(d.goal, id)
		return
	}
	d.goal.Put(d.from, id)
	if id.Kind == schema.KindTable {
		d.tables = append(d.tables, id)
	}
	for _, x := range attachments(d.from, id) {
		d.goal.Put(d.from, x)
	}
}
