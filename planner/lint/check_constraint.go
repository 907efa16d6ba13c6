package lint

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// constraintAction judges the actions about constraints of a table that was there before.
func (c *checker) constraintAction(s *statement, name schema.Name, a sqltext.Action) bool {
	id := c.constraintID(name, a.Name)
	switch a.Do {
	case sqltext.AddConstraint:
		c.addConstraint(s, name, a.Constraint)
	case sqltext.AlterConstraint:
		if a.Constraint.Enforced && (c.does(s.effect.Validates, name) || c.does(s.effect.Scans, name)) {
			c.find("KX05", s, id, nil)
		}
	case sqltext.ValidateConstraint:
		if s.statementTimeout.bounded() {
			c.validateNote(s, name, a.Name, "a statement_timeout of "+s.statementTimeout.text+" may end it before it is done")
		}
	case sqltext.DropConstraint:
		c.dropConstraint(s, name, a.Name)
	default:
		return false
	}
	return true
}

// constraintID is the ID of a constraint with the kind that is known of it; one that nobody saw counts as a check.
func (c *checker) constraintID(of schema.Name, name string) schema.ID {
	id := schema.ID{Kind: schema.KindCheck, Schema: of.Schema, Parent: of.Name, Name: name}
	if k := c.world.table(of).constraints[name]; k != nil {
		switch k.kind {
		case "foreign key":
			id.Kind = schema.KindForeignKey
		case "unique":
			id.Kind = schema.KindUnique
		case "primary key":
			id.Kind = schema.KindPrimaryKey
		case "exclude":
			id.Kind = schema.KindExclude
		}
	}
	return id
}

func (c *checker) addConstraint(s *statement, name schema.Name, k *sqltext.ConstraintFact) {
	t := c.world.table(name)
	kname := constraintName(t, k)
	id := schema.ID{Kind: schema.KindCheck, Schema: name.Schema, Parent: name.Name, Name: kname}
	w := words{"name": schema.Quote(kname), "columns": quoted(k.Columns)}
	switch k.Kind {
	case "check":
		if k.Expr != nil {
			w["expr"] = k.Expr.SQL
		}
		if c.does(s.effect.Scans, name) && !k.NotValid {
			c.find("KX06", s, id, w)
		}
	case "not null":
		if c.does(s.effect.Scans, name) && !k.NotValid && len(k.Columns) == 1 {
			c.find("CO09", s, schema.ColumnID(tableID(name), k.Columns[0]), w)
		}
	case "foreign key":
		id.Kind = schema.KindForeignKey
		c.addForeignKey(s, t, k, id, w)
	case "exclude":
		id.Kind = schema.KindExclude
		if c.does(s.effect.Builds, name) {
			c.find("KX09", s, id, w)
		}
	case "unique", "primary key":
		id.Kind = schema.KindUnique
		if k.Kind == "primary key" {
			id.Kind = schema.KindPrimaryKey
		}
		c.addKey(s, t, k, id, w)
	}
}

func (c *checker) addForeignKey(s *statement, t *table, k *sqltext.ConstraintFact, id schema.ID, w words) {
	ref := c.world.resolve(k.References)
	w["other"] = schema.Qualified(ref.Schema, ref.Name)
	if t.partitioned && c.world.major < 18 && (k.NotValid || s.fact.Only) {
		c.find("KX02", s, id, w)
		return
	}
	if !k.NotValid && c.does(s.effect.Validates, t.name) {
		c.find("KX01", s, id, w)
	}
}

func (c *checker) addKey(s *statement, t *table, k *sqltext.ConstraintFact, id schema.ID, w words) {
	w["kind"] = strings.ToUpper(k.Kind)
	if k.UsingIndex != "" {
		c.keyUsingIndex(s, t, k, id, w)
		return
	}
	if !c.does(s.effect.Builds, t.name) {
		return
	}
	if t.partitioned && k.Kind == "primary key" {
		w["mode"] = "SHARE"
		if c.world.major >= 18 {
			w["mode"] = "ACCESS EXCLUSIVE"
		}
		c.find("TB13", s, id, w)
		return
	}
	c.find("KX07", s, id, w)
}

// keyUsingIndex judges a primary key over an index that is there: it scans for NULL unless that is excluded.
func (c *checker) keyUsingIndex(s *statement, t *table, k *sqltext.ConstraintFact, id schema.ID, w words) {
	if k.Kind != "primary key" || !c.does(s.effect.Scans, t.name) {
		return
	}
	var columns []string
	if i := c.world.indexes[schema.Name{Schema: t.name.Schema, Name: k.UsingIndex}]; i != nil {
		columns = i.columns
	}
	unknown := len(columns) == 0 || slices.ContainsFunc(columns, func(n string) bool { return t.columns[n] == nil })
	w["columns"], w["doubt"] = quoted(columns), "can be"
	if len(columns) == 0 {
		w["columns"] = "A column"
	}
	f := c.find("KX08", s, id, w)
	if unknown && s.Effect == nil {
		doubt(f, "Whether the columns are NOT NULL is not known.")
	}
}

func (c *checker) dropConstraint(s *statement, name schema.Name, constraint string) {
	k := c.world.table(name).constraints[constraint]
	if k == nil || k.kind != "foreign key" || k.made == c.world.file || !c.existing(k.ref) {
		return
	}
	id := schema.ID{Kind: schema.KindForeignKey, Schema: name.Schema, Parent: name.Name, Name: constraint}
	c.find("KX04", s, id, words{"other": schema.Qualified(k.ref.Schema, k.ref.Name)})
}

// newKey is a foreign key that waits for its index until the end of the file.
type newKey struct {
	s       *statement
	table   schema.Name
	name    string
	columns []string
	ref     schema.Name
	alone   bool // no other file can have made an index of these columns
}

// newKeys remembers the foreign keys of a statement.
func (c *checker) newKeys(s *statement, name schema.Name) {
	var keys []sqltext.ConstraintFact
	if s.fact.Table != nil {
		keys = append(keys, s.fact.Table.Constraints...)
		for _, col := range s.fact.Table.Columns {
			keys = append(keys, col.Constraints...)
		}
	}
	for _, a := range s.fact.Actions {
		if a.Do == sqltext.AddConstraint {
			keys = append(keys, *a.Constraint)
		}
		if a.Do == sqltext.AddColumn {
			keys = append(keys, a.Column.Constraints...)
		}
	}
	for i := range keys {
		if k := &keys[i]; k.Kind == "foreign key" {
			t := c.world.table(name)
			c.keys = append(c.keys, newKey{s, name, constraintName(t, k), k.Columns, c.world.resolve(k.References), false})
		}
	}
}

// keysWithoutIndex judges the remembered foreign keys when the file is over. Of a table of which not everything is
// known, only columns that the file adds can be said to have no index.
func (c *checker) keysWithoutIndex() {
	for _, k := range c.keys {
		t := c.world.tables[k.table]
		if t == nil || t.constraints[k.name] == nil || c.indexed(k.table, k.columns) {
			continue
		}
		fresh := !slices.ContainsFunc(k.columns, func(n string) bool { return t.columns[n] == nil || t.columns[n].made != c.world.file })
		if !t.known && !fresh {
			continue
		}
		id := schema.ID{Kind: schema.KindForeignKey, Schema: k.table.Schema, Parent: k.table.Name, Name: k.name}
		w := words{"columns": quoted(k.columns), "other": schema.Qualified(k.ref.Schema, k.ref.Name)}
		if c.options.Policy.ForeignKeyIndex {
			c.find("PO03", k.s, id, w)
			continue
		}
		c.find("KX17", k.s, id, w)
	}
}

// indexed reports whether an index without a predicate begins with the columns, in any order.
func (c *checker) indexed(n schema.Name, columns []string) bool {
	for _, i := range c.world.indexesOf(n) {
		if i.partial || i.invalid || len(i.columns) < len(columns) {
			continue
		}
		head := i.columns[:len(columns)]
		if !slices.ContainsFunc(columns, func(col string) bool { return !slices.Contains(head, col) }) {
			return true
		}
	}
	return false
}

func (c *checker) alterDomain(s *statement) {
	a := s.fact.Actions[0]
	n := c.world.resolve(s.fact.Objects[0].Name)
	id := schema.ID{Kind: schema.KindDomain, Schema: n.Schema, Name: n.Name}
	if c.world.fresh[id] == c.world.file {
		return
	}
	nobody := (s.Effect != nil || c.world.complete) && len(s.effect.Locks) == 0
	what := ""
	switch {
	case nobody:
		return
	case a.Do == sqltext.AddConstraint && !a.Constraint.NotValid:
		what = "all their rows are checked"
	case a.Do == sqltext.SetNotNull:
		what = "all their rows are checked for NULL"
	case a.Do == sqltext.ValidateConstraint && c.world.major < 19:
		what = "VALIDATE CONSTRAINT reads all their rows"
	default:
		return
	}
	c.find("KX18", s, id, words{"what": what})
}
