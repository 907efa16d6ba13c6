package online

import (
	"strings"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// notValid is the constraint as it is added: it binds new rows, and says nothing yet about those that are there.
func notValid(o schema.Object) schema.Object {
	switch c := o.(type) {
	case *schema.Check:
		copied := *c
		copied.NotValid = true
		return &copied
	case *schema.ForeignKey:
		copied := *c
		copied.NotValid = true
		return &copied
	}
	return o
}

// constrain adds a check or a foreign key in two transactions: the first holds its lock for a moment, the second reads the
// table while others work.
func (r *route) constrain(id schema.ID, goal *schema.Catalog) error {
	const reason = "added and validated in one go it would read the table under a lock that stops writers"
	next := r.cur.Clone()
	next.Put(goal, id)
	next.Add(notValid(goal.Get(id)))
	if err := r.drive(next, reason); err != nil {
		return err
	}
	valid := r.cur.Clone()
	putWith(valid, goal, id)
	first := len(r.steps)
	if err := r.drive(valid, reason); err != nil {
		return err
	}
	for i := range r.steps[first:] {
		step := &r.steps[first+i]
		step.Title = "validate " + id.String()
		step.Checks = r.violations(goal.Get(id))
		step.Down = nil // what was added NOT VALID goes with the step before
	}
	return nil
}

// violations finds the rows that a constraint would not have.
func (r *route) violations(o schema.Object) []planner.Check {
	id := o.ID()
	switch c := o.(type) {
	case *schema.Check:
		return []planner.Check{{
			Message: "rows of " + tableOf(id).String() + " break " + id.String(),
			SQL:     "SELECT * FROM " + tableOf(id).SQL() + " WHERE NOT (" + c.Expr + ")",
		}}
	case *schema.ForeignKey:
		return []planner.Check{{
			Message: "rows of " + tableOf(id).String() + " refer to rows that are not in table " + schema.Qualified(c.RefTable.Schema, c.RefTable.Name),
			SQL:     orphans(c),
		}}
	}
	return nil
}

// orphans selects the rows of a table whose foreign key leads nowhere.
func orphans(c *schema.ForeignKey) string {
	var values, given, equal []string
	for i, column := range c.Columns {
		child := "child." + schema.Quote(column)
		values = append(values, child)
		given = append(given, child+" IS NOT NULL")
		equal = append(equal, "parent."+schema.Quote(c.RefColumns[i])+" = "+child)
	}
	return "SELECT " + strings.Join(values, ", ") + " FROM " + schema.Qualified(c.Schema, c.Table) +
		" AS child WHERE " + strings.Join(given, " AND ") + " AND NOT EXISTS (SELECT FROM " + c.RefTable.SQL() + " AS parent WHERE " +
		strings.Join(equal, " AND ") + ")"
}

// key adds a unique or primary key whose index is built while the table is in use.
func (r *route) key(id schema.ID, goal *schema.Catalog) error {
	index := indexOf(goal.Get(id))
	if err := r.index(index, index.ID(), nil, "a constraint that builds its own index would hold ACCESS EXCLUSIVE all the while"); err != nil {
		return err
	}
	next := r.cur.Clone()
	next.Remove(index.ID())
	putWith(next, goal, id)
	return r.adopt(id, index, next)
}

// adopt makes a constraint of an index that is there.
func (r *route) adopt(id schema.ID, index *schema.Index, next *schema.Catalog) error {
	drop := alterTable(tableOf(id)) + "DROP CONSTRAINT " + schema.Quote(id.Name)
	r.add(planner.Step{Title: "make " + id.String() + " of its index",
		Up: []planner.Statement{statement(id, usingIndex(next.Get(id), index))}, Down: []planner.Statement{statement(id, drop)}}, next)
	return nil
}

// usingIndex writes the constraint that takes the index in.
func usingIndex(o schema.Object, index *schema.Index) string {
	id, word, deferral := o.ID(), " UNIQUE", schema.Deferral{}
	switch c := o.(type) {
	case *schema.PrimaryKey:
		word, deferral = " PRIMARY KEY", c.Deferral
	case *schema.Unique:
		deferral = c.Deferral
	}
	sql := alterTable(tableOf(id)) + "ADD CONSTRAINT " + schema.Quote(id.Name) + word + " USING INDEX " + schema.Quote(index.Name)
	if deferral.Deferrable {
		sql += " DEFERRABLE"
	}
	if deferral.InitiallyDeferred {
		sql += " INITIALLY DEFERRED"
	}
	return sql
}

// indexOf is the index that stands behind a unique or primary key.
func indexOf(o schema.Object) *schema.Index {
	id := o.ID()
	i := &schema.Index{Schema: id.Schema, Table: id.Parent, Name: id.Name, Unique: true, Method: "btree"}
	var columns []string
	switch c := o.(type) {
	case *schema.PrimaryKey:
		columns = c.Columns
		i.Include, i.StorageParams, i.Tablespace = c.Index.Include, c.Index.StorageParams, c.Index.Tablespace
	case *schema.Unique:
		columns, i.NullsNotDistinct = c.Columns, c.NullsNotDistinct
		i.Include, i.StorageParams, i.Tablespace = c.Index.Include, c.Index.StorageParams, c.Index.Tablespace
	}
	for _, name := range columns {
		i.Elements = append(i.Elements, schema.IndexElement{Column: name})
	}
	return i
}

// require makes a column NOT NULL without reading the table under ACCESS EXCLUSIVE: the engine believes a valid check
// (ALTER TABLE documentation, "SET NOT NULL", since 12), and since 18 the constraint itself can be validated later. The rows
// of a column that was filled on the way are not looked at before.
func (r *route) require(id schema.ID, goal *schema.Catalog, filled bool) error {
	const reason = "SET NOT NULL alone would read the table under ACCESS EXCLUSIVE"
	table := tableOf(id)
	next := r.cur.Clone()
	for _, t := range append(descendants(goal, table), table) {
		other := schema.ColumnID(t, id.Name)
		if col := column(goal, other); col != nil && col.NotNull {
			editColumn(next, other, func(c *schema.Column) { c.NotNull = true })
		}
	}
	nulls := []planner.Check{{Message: "rows of " + table.String() + " have no value in " + schema.Quote(id.Name),
		SQL: "SELECT * FROM " + table.SQL() + " WHERE " + schema.Quote(id.Name) + " IS NULL"}}
	if filled {
		nulls = nil // checks run before the backfill does
	}
	prefix, quoted := alterTable(table), schema.Quote(id.Name)
	one := func(title, up, down string, checks ...planner.Check) planner.Step {
		step := planner.Step{Title: title, Reason: reason, Checks: checks, Up: []planner.Statement{statement(id, up)}}
		if down != "" {
			step.Down = []planner.Statement{statement(id, down)}
		}
		return step
	}
	if r.opts.Major >= 18 {
		name := schema.Quote(objectName(table.Name, id.Name, "not_null"))
		r.add(one("require "+id.String()+" of new rows", prefix+"ADD CONSTRAINT "+name+" NOT NULL "+quoted+" NOT VALID", prefix+"ALTER COLUMN "+quoted+" DROP NOT NULL"), nil)
		// A key of a partition gives it a NOT NULL of its own (18), which does not go with the parent's.
		added := &r.steps[len(r.steps)-1]
		for _, t := range descendants(r.cur, table) {
			if col := column(r.cur, schema.ColumnID(t, id.Name)); col != nil && !col.NotNull {
				added.Down = append(added.Down, statement(id, alterTable(t)+"ALTER COLUMN "+quoted+" DROP NOT NULL"))
			}
		}
		r.add(one("validate NOT NULL of "+id.String(), prefix+"VALIDATE CONSTRAINT "+name, "", nulls...), next)
		return nil
	}
	name := schema.Quote(schema.Shorten(id.Parent + "_" + id.Name + "__pleat_not_null"))
	drop := prefix + "DROP CONSTRAINT IF EXISTS " + name
	r.add(one("require "+id.String()+" of new rows", prefix+"ADD CONSTRAINT "+name+" CHECK ("+quoted+" IS NOT NULL) NOT VALID", drop), nil)
	r.add(one("prove that "+id.String()+" is never NULL", prefix+"VALIDATE CONSTRAINT "+name, "", nulls...), nil)
	r.add(one("set NOT NULL of "+id.String(), prefix+"ALTER COLUMN "+quoted+" SET NOT NULL", prefix+"ALTER COLUMN "+quoted+" DROP NOT NULL"), nil)
	r.add(one("drop the proof of "+id.String(), prefix+"DROP CONSTRAINT "+name, ""), next)
	return nil
}

// objectName is the name that the engine itself would give to a constraint (makeObjectName in src/backend/commands/indexcmds.c,
// 13 to 18): the longer of the two names is cut until the whole fits.
func objectName(table, column, label string) string {
	const longest = 63
	for len(table)+len(column)+len(label)+2 > longest {
		if len(table) > len(column) {
			table = strings.ToValidUTF8(table[:len(table)-1], "")
		} else {
			column = strings.ToValidUTF8(column[:len(column)-1], "")
		}
	}
	return table + "_" + column + "_" + label
}

// descendants lists the partitions and children of a table, at every level.
func descendants(c *schema.Catalog, table schema.ID) []schema.ID {
	var out []schema.ID
	for _, id := range c.IDs() {
		t, ok := c.Get(id).(*schema.Table)
		if !ok {
			continue
		}
		parents := t.Inherits
		if t.PartitionOf != nil {
			parents = []schema.Name{t.PartitionOf.Parent}
		}
		for _, p := range parents {
			if p == (schema.Name{Schema: table.Schema, Name: table.Name}) {
				out = append(append(out, id), descendants(c, id)...)
			}
		}
	}
	return out
}
