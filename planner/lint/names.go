package lint

import (
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// names judges what is written of names: those that PostgreSQL cuts, those given twice, and databases that go.
func (c *checker) names(s *statement) {
	f := s.fact
	for _, long := range f.LongNames {
		c.find("TB14", s, schema.ID{}, words{
			"what": fmt.Sprintf("The name %s has %d bytes. PostgreSQL cuts it after 63 with nothing but a notice.", schema.Quote(long), len(long)),
			"fix":  "A name of at most 63 bytes.",
		})
	}
	if f.Command == sqltext.DropDatabase {
		c.find("TB14", s, schema.ID{}, words{"what": "DROP DATABASE in a migration drops all that is in it.", "fix": "Not in a migration."})
	}
	if twice := repeated(f); twice != "" {
		c.find("TB14", s, schema.ID{}, words{"what": "The column " + schema.Quote(twice) + " is named twice.", "fix": "Name it once."})
	}
	if c.options.Policy.Qualified {
		for _, o := range f.Objects {
			if n := unqualified(o); n != "" && f.Command != sqltext.SetVariable {
				c.find("TB14", s, schema.ID{}, words{
					"what": "Which " + schema.Quote(n) + " is meant depends on the search_path of whoever runs this.",
					"fix":  schema.Qualified(c.world.schema, n),
				})
			}
		}
	}
}

// unqualified is the name of a target that has no schema where it should have one.
func unqualified(o sqltext.Target) string {
	switch {
	case o.Of.Name != "" && o.Of.Schema == "":
		return o.Of.Name
	case o.Of.Name != "":
		return ""
	}
	switch o.Kind {
	case "table", "view", "materialized view", "sequence", "domain", "enum", "type", "function", "index":
		if o.Name.Schema == "" {
			return o.Name.Name
		}
	}
	return ""
}

// repeated is a column that a table or an index names twice.
func repeated(f sqltext.Fact) string {
	var names []string
	switch {
	case f.Command == sqltext.CreateTable:
		for _, c := range f.Table.Columns {
			names = append(names, c.Name)
		}
	case f.Index != nil:
		names = slices.Concat(f.Index.Columns, f.Index.Include)
	}
	for i, n := range names {
		if n != "" && slices.Contains(names[:i], n) {
			return n
		}
	}
	return ""
}

// recreated finds tables that the file drops and makes again: their rows are gone.
func (c *checker) recreated() {
	for i, s := range c.all {
		if s.fact.Command != sqltext.DropObjects || s.fact.Objects[0].Kind != "table" {
			continue
		}
		for _, o := range s.fact.Objects {
			n := c.world.resolve(o.Name)
			again := slices.ContainsFunc(c.all[i+1:], func(l *statement) bool {
				return l.fact.Command == sqltext.CreateTable && c.world.resolve(l.fact.Objects[0].Name) == n
			})
			if again {
				c.find("TB14", s, tableID(n), words{
					"what": "The table " + schema.Qualified(n.Schema, n.Name) + " is dropped and made again: what was in it is gone, and so are grants and dependents.",
					"fix":  "ALTER TABLE, or another name.",
				})
			}
		}
	}
}

// advice names choices in new columns and keys that are hard to change later.
func (c *checker) advice(s *statement, name schema.Name) {
	var columns []sqltext.ColumnFact
	var keys []sqltext.ConstraintFact
	if t := s.fact.Table; t != nil {
		columns, keys = t.Columns, slices.Clone(t.Constraints)
	}
	for _, a := range s.fact.Actions {
		if a.Do == sqltext.AddColumn {
			columns = append(columns, *a.Column)
		}
		if a.Do == sqltext.AddConstraint {
			keys = append(keys, *a.Constraint)
		}
	}
	for _, col := range columns {
		keys = append(keys, col.Constraints...)
		id := schema.ColumnID(tableID(name), col.Name)
		if what := typeAdvice(col); what != "" {
			c.find("CO26", s, id, words{"what": what})
		}
		if s.fact.Command == sqltext.CreateTable && plainType(col.Type) == "json" {
			c.find("CO25", s, id, nil)
		}
	}
	for i := range keys {
		c.keyAdvice(s, name, columns, &keys[i])
	}
}

func typeAdvice(col sqltext.ColumnFact) string {
	name := schema.Quote(col.Name)
	switch {
	case col.Type.Serial():
		return name + " " + col.Type.Name + " hides a sequence with rights of its own; bigint GENERATED ALWAYS AS IDENTITY does not."
	case plainType(col.Type) == "bpchar":
		return name + " " + col.Type.SQL + " is padded with blanks, and any change of it rewrites the table; text or varchar is not."
	case plainType(col.Type) == "timestamp":
		return name + " timestamp says not in which time zone it is; timestamptz does, and takes the same 8 bytes."
	}
	return ""
}

// keyAdvice judges primary keys that run out and foreign keys of another type than what they reference.
func (c *checker) keyAdvice(s *statement, name schema.Name, columns []sqltext.ColumnFact, k *sqltext.ConstraintFact) {
	typeOf := func(column string) (sqltext.TypeFact, bool) {
		for _, col := range columns {
			if col.Name == column {
				return col.Type, true
			}
		}
		return c.world.table(name).columns[column].typeOf()
	}
	if len(k.Columns) != 1 {
		return
	}
	id := schema.ColumnID(tableID(name), k.Columns[0])
	t, known := typeOf(k.Columns[0])
	switch {
	case !known:
	case k.Kind == "primary key" && small(t):
		c.find("CO26", s, id, words{"what": schema.Quote(k.Columns[0]) + " " + t.SQL + " as a primary key runs out at 2147483647 or before; bigint does not."})
	case k.Kind == "foreign key":
		ref := c.world.tables[c.world.resolve(k.References)]
		if ref == nil {
			return
		}
		to := k.RefColumns
		if len(to) == 0 {
			to = c.world.primaryKey(ref)
		}
		if len(to) != 1 {
			return
		}
		if other, ok := ref.columns[to[0]].typeOf(); ok && integer(other) != integer(t) {
			c.find("CO26", s, id, words{"what": schema.Quote(k.Columns[0]) + " is " + t.SQL + " and references " + other.SQL + ": comparisons cast, and values that fit the one do not fit the other."})
		}
	}
}

func small(t sqltext.TypeFact) bool {
	return !t.Array && t.Schema == "" && (integer(t) == "int4" || integer(t) == "int2")
}

// integer is the integer type behind a type, or its own name.
func integer(t sqltext.TypeFact) string {
	switch t.Name {
	case "serial", "serial4", "int4":
		return "int4"
	case "bigserial", "serial8", "int8":
		return "int8"
	case "smallserial", "serial2", "int2":
		return "int2"
	}
	return t.Name
}
