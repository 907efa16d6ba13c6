package online

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// recast is an enum of which values go or move. No ALTER TYPE can do that (13 to 18), so a second type stands beside it until the
// columns have been swapped.
type recast struct {
	// id is the enum, and beside the type that takes its name in the contract.
	id, beside schema.ID
	// trash is where the old type is after the swap.
	trash schema.ID
	// removed are the values that no row may have.
	removed []string
}

const enumReason = "a value of an enum can go or move only with a new type, and changing the columns in place would write their tables anew " +
	"under ACCESS EXCLUSIVE; between the phases, values that go are refused and new ones are not known yet"

// findEnums carries every column of an enum that loses or moves values to a column of a new type.
func (d *division) findEnums() {
	for _, id := range d.from.IDs() {
		from, isEnum := d.from.Get(id).(*schema.Enum)
		to, stays := d.to.Get(id).(*schema.Enum)
		if !isEnum || !stays || isSubsequence(from.Values, to.Values) || d.opts.InPlace[id] {
			continue
		}
		columns, obstacle := d.columnsOf(id)
		if obstacle != "" {
			d.reasons[id] = "a value of an enum can go or move only with a new type; " + obstacle + ", so that every column of the type is written anew under ACCESS EXCLUSIVE"
			continue
		}
		e := &recast{id: id, beside: id}
		e.beside.Name = schema.Shorten(id.Name + "__pleat_new")
		for _, v := range from.Values {
			if !slices.Contains(to.Values, v) {
				e.removed = append(e.removed, v)
			}
		}
		d.enums = append(d.enums, e)
		for _, column := range columns {
			d.carryEnum(e, column)
		}
	}
}

// columnsOf lists the columns of the enum, or says what stands on it that cannot be taken along.
func (d *division) columnsOf(enum schema.ID) (columns []schema.ID, obstacle string) {
	for _, x := range d.from.NeededBy()[enum] {
		owner, _ := d.from.Owner(x)
		if x.Kind != schema.KindColumn || owner.Kind == schema.KindView {
			continue
		}
		if why := d.uncarried(enum, x); why != "" {
			return nil, why
		}
		columns = append(columns, x)
	}
	for _, x := range d.from.NeededBy()[enum] {
		if !d.followsEnum(x, columns) {
			return nil, x.String() + " stands on it"
		}
	}
	for _, x := range d.to.NeededBy()[enum] {
		if x.Kind == schema.KindColumn && d.from.Has(tableOf(x)) && !slices.Contains(columns, x) && d.from.Get(tableOf(x)).ID().Kind == schema.KindTable {
			return nil, x.String() + " gets the type in the same plan"
		}
	}
	return columns, ""
}

// uncarried says why a column of the enum cannot be carried over; empty where it can.
func (d *division) uncarried(enum, id schema.ID) string {
	old, changed := column(d.from, id), column(d.to, id)
	switch {
	case old == nil:
		return id.String() + " stands on it"
	case old.Type != enum.SQL() && old.Type != enum.SQL()+"[]":
		return id.String() + " stands on it"
	case changed == nil || changed.Type != old.Type:
		return id.String() + " goes or changes its type in the same plan"
	case d.opts.changedInPlace(id):
		return id.String() + " is declared to change in place"
	}
	return d.obstacle(id)
}

// followsEnum reports whether an object that stands on the enum is taken along with the columns.
func (d *division) followsEnum(x schema.ID, columns []schema.ID) bool {
	if x.Kind.IsAttachment() {
		return true
	}
	switch x.Kind {
	case schema.KindColumn:
		owner, _ := d.from.Owner(x)
		return owner.Kind == schema.KindView || slices.Contains(columns, x)
	case schema.KindView, schema.KindPolicy, schema.KindTrigger, schema.KindRule:
		return true
	case schema.KindDefault:
		of := x
		of.Kind = schema.KindColumn
		return slices.Contains(columns, of)
	case schema.KindIndex, schema.KindCheck:
		return slices.ContainsFunc(d.from.Needs(x), func(need schema.ID) bool { return slices.Contains(columns, need) })
	}
	return false
}

// carryEnum carries a column to one of the new type, by way of the values' names.
func (d *division) carryEnum(e *recast, id schema.ID) {
	convert := d.opts.Converts[id]
	old, changed := column(d.from, id), column(d.to, id)
	array := strings.TrimPrefix(old.Type, e.id.SQL())
	c := &carry{from: id, final: id, to: id, old: old, new: changed, enum: e, reason: enumReason}
	c.to.Name = schema.Shorten(id.Name + "__pleat_new")
	c.up, c.down = schema.Quote(id.Name), schema.Quote(id.Name)
	if convert.Using != "" {
		c.up = "(" + convert.Using + ")"
	}
	if convert.Reverse != "" {
		c.down = "(" + convert.Reverse + ")"
	}
	c.up += "::text" + array + "::" + e.beside.SQL() + array
	c.down += "::text" + array
	d.carried = append(d.carried, c)
}

// besideEnums puts the new types into the goal, with what belongs to them.
func (d *division) besideEnums() {
	for _, e := range d.enums {
		beside := *d.to.Get(e.id).(*schema.Enum)
		beside.Name = e.beside.Name
		d.goal.Add(&beside)
		d.reasons[e.beside] = enumReason
		for _, x := range attachments(d.to, e.id) {
			switch o := d.to.Get(x).(type) {
			case *schema.Comment:
				d.goal.Add(&schema.Comment{On: e.beside, Text: o.Text})
			case *schema.Owner:
				d.goal.Add(&schema.Owner{On: e.beside, Role: o.Role})
			case *schema.Grant:
				d.goal.Add(&schema.Grant{On: e.beside, Entries: o.Entries})
			}
		}
	}
}

// typesFirst makes the types beside the old ones in a transaction of their own, so that the tables can follow one by one.
func (r *route) typesFirst(d *division) error {
	if len(d.enums) == 0 {
		return nil
	}
	next := r.cur.Clone()
	for _, e := range d.enums {
		putWith(next, d.goal, e.beside)
	}
	return r.drive(next, enumReason)
}

// typeBeside is the type of the new column as long as both are there.
func (c *carry) typeBeside() string {
	if c.enum == nil {
		return c.new.Type
	}
	return c.enum.beside.SQL() + strings.TrimPrefix(c.new.Type, c.enum.id.SQL())
}

// needsBeside is what the new column needs as long as both are there.
func (c *carry) needsBeside(needs []schema.ID) []schema.ID {
	out := slices.Clone(needs)
	for i, need := range out {
		if c.enum != nil && need == c.enum.id {
			out[i] = c.enum.beside
		}
	}
	return out
}

// missingValues finds the rows with a value that goes.
func (c *carry) missingValues(declared bool) []planner.Check {
	if declared || len(c.enum.removed) == 0 {
		return nil
	}
	literals := make([]string, 0, len(c.enum.removed))
	for _, v := range c.enum.removed {
		literals = append(literals, schema.Literal(v))
	}
	list, name := "ARRAY["+strings.Join(literals, ", ")+"]", schema.Quote(c.from.Name)
	condition := name + "::text = ANY (" + list + ")"
	if strings.HasSuffix(c.old.Type, "[]") {
		condition = name + "::text[] && " + list
	}
	return []planner.Check{{
		Message: "rows of " + tableOf(c.from).String() + " have a value in " + name + " that " + c.enum.id.String() + " loses",
		SQL:     "SELECT " + name + " FROM " + tableOf(c.from).SQL() + " WHERE " + condition,
	}}
}

// recasts lists the enums of a group.
func (g *group) recasts() []*recast {
	var out []*recast
	for _, c := range g.carries {
		if c.enum != nil && !slices.Contains(out, c.enum) {
			out = append(out, c.enum)
		}
	}
	return out
}

// recastObject is an index or check that names another type in the place of one.
func recastObject(o schema.Object, from, to schema.ID, renameIn func(expr string, from, to schema.Name) (string, error)) schema.Object {
	renamed := func(expr string) string {
		if expr == "" || renameIn == nil {
			return expr
		}
		if out, err := renameIn(expr, schema.Name{Schema: from.Schema, Name: from.Name}, schema.Name{Schema: to.Schema, Name: to.Name}); err == nil {
			return out
		}
		return expr // the proof finds it
	}
	switch o := o.(type) {
	case *schema.Index:
		copied := *o
		copied.Elements = slices.Clone(o.Elements)
		for n := range copied.Elements {
			copied.Elements[n].Expr = renamed(copied.Elements[n].Expr)
		}
		copied.Where = renamed(o.Where)
		return &copied
	case *schema.Check:
		copied := *o
		copied.Expr = renamed(o.Expr)
		return &copied
	}
	return o
}

// renameEnum moves the old type to the trash, with the columns that still have it, and gives its name to the new one.
func (r *route) renameEnum(e *recast, next *schema.Catalog, names *renames) {
	e.trash = r.typeToTrash(e.id, names)
	names.up = append(names.up, statement(e.id, "ALTER TYPE "+e.beside.SQL()+" RENAME TO "+schema.Quote(e.id.Name)))
	names.down = append([]planner.Statement{statement(e.id, "ALTER TYPE "+e.id.SQL()+" RENAME TO "+schema.Quote(e.beside.Name))}, names.down...)
	removeWith(next, e.beside)
	removeWith(next, e.id)
	putWith(next, r.to, e.id)
}

// typeToTrash moves a type into the schema of the day.
func (r *route) typeToTrash(id schema.ID, names *renames) schema.ID {
	word, trash := "ALTER TYPE ", id
	trash.Schema = r.trash.schemaFor([]string{id.Name, schema.Shorten("_" + id.Name)})
	if id.Kind == schema.KindDomain {
		word = "ALTER DOMAIN "
	}
	names.up = append(names.up,
		statement(id, "CREATE SCHEMA IF NOT EXISTS "+schema.Quote(trash.Schema)),
		statement(id, word+id.SQL()+" SET SCHEMA "+schema.Quote(trash.Schema)))
	names.down = append([]planner.Statement{statement(id, word+trash.SQL()+" SET SCHEMA "+schema.Quote(id.Schema))}, names.down...)
	return trash
}

// discardTypes moves the types that go, and that something in the trash still has, there as well: those first that nothing
// else stands on.
func (r *route) discardTypes() error {
	for next, ok := r.topmost(); ok; next, ok = r.topmost() {
		delete(r.held, next)
		if err := r.merge("move "+next.String()+" to the trash", trashReason, func() error { return r.discardType(next) }); err != nil {
			return err
		}
	}
	return nil
}

// topmost finds a type that has to go to the trash before the others do.
func (r *route) topmost() (schema.ID, bool) {
	for _, id := range r.cur.IDs() {
		if !r.held[id] || r.to.Has(id) {
			continue
		}
		if !slices.ContainsFunc(dependents(r.cur, id), func(x schema.ID) bool { return r.held[x] && !r.to.Has(x) }) {
			return id, true
		}
	}
	return schema.ID{}, false
}

func (r *route) discardType(id schema.ID) error {
	var gone []schema.ID
	for _, x := range dependents(r.cur, id) {
		if !x.Kind.IsAttachment() && x.Kind != schema.KindTable {
			gone = append(gone, x)
		}
	}
	if err := r.release(r.cur.Clone(), gone); err != nil {
		return err
	}
	names, next := &renames{}, r.cur.Clone()
	r.typeToTrash(id, names)
	removeWith(next, id)
	r.add(planner.Step{Up: names.up, Down: names.down}, next)
	return r.restore(gone)
}

// withoutTypes is the way back of a column without the names of types that will mean something else or nothing: a column of an
// old type takes the text of a value as well (PL/pgSQL documentation, "Assignment").
func (r *route) withoutTypes(c *carry) string {
	down := c.down
	for _, need := range r.from.DependsOn(c.from) {
		if !need.Kind.IsType() || r.opts.RenameType == nil || c.enum == nil && r.to.Has(need) {
			continue
		}
		if renamed, err := r.opts.RenameType(down, schema.Name{Schema: need.Schema, Name: need.Name}, schema.Name{Schema: "pg_catalog", Name: "text"}); err == nil {
			down = renamed
		}
	}
	return down
}

// hold remembers the types that something takes along to the trash, and those that they stand on.
func (r *route) hold(c *schema.Catalog, id schema.ID) {
	for _, need := range c.AllNeeds(id) {
		if need.Kind.IsType() && !r.held[need] {
			r.held[need] = true
			r.hold(c, need)
		}
	}
}
