package lint

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// columnAction judges the actions about columns of a table that was there before.
func (c *checker) columnAction(s *statement, name schema.Name, a sqltext.Action) bool {
	id := schema.ColumnID(tableID(name), a.Name)
	switch a.Do {
	case sqltext.AddColumn:
		c.addColumn(s, name, a)
	case sqltext.DropColumn:
		if col := c.world.table(name).columns[a.Name]; col == nil || col.made != c.world.file {
			c.dropColumn(s, name, a)
		}
	case sqltext.AlterType:
		c.alterType(s, name, a)
	case sqltext.SetNotNull:
		c.setNotNull(s, name, a.Name)
	case sqltext.DropNotNull:
		if !c.file.Contract { // of a column that is on its way out
			c.find("CO11", s, id, nil)
		}
	case sqltext.SetDefault, sqltext.DropDefault:
		if col := c.world.table(name).columns[a.Name]; !c.sameStatementAdds(s, a.Name) && !c.file.Contract && (col == nil || col.made != c.world.file) {
			c.find("CO23", s, id, nil)
		}
	case sqltext.SetExpression:
		if col := c.world.table(name).columns[a.Name]; c.does(s.effect.Rewrites, name) {
			f := c.find("CO24", s, id, nil)
			if s.Effect == nil && (col == nil || !col.generated) {
				doubt(f, "Whether the column is stored is not known.")
			}
		}
	default:
		return false
	}
	return true
}

// doubt lowers a finding that rests on something that is not known.
func doubt(f *Finding, why string) {
	if f.Severity == Error {
		f.Severity = Warning
	}
	f.Why += " " + why
}

func (c *checker) sameStatementAdds(s *statement, column string) bool {
	return slices.ContainsFunc(s.fact.Actions, func(a sqltext.Action) bool { return a.Do == sqltext.AddColumn && a.Name == column })
}

func (c *checker) addColumn(s *statement, name schema.Name, a sqltext.Action) {
	col := a.Column
	id := schema.ColumnID(tableID(name), a.Name)
	w := words{"type": col.Type.SQL}
	if a.IfNotExists {
		c.find("LK12", s, id, words{"mode": "ACCESS EXCLUSIVE"})
		if c.world.table(name).columns[a.Name] != nil {
			return
		}
	}
	if code := c.world.rewritingColumn(col); code != "" && c.does(s.effect.Rewrites, name) {
		c.rewritingColumn(s, id, code, col, w)
	}
	if col.NotNull && col.Default == nil && col.Generated == nil && !col.Identity && !col.Type.Serial() {
		c.find("CO05", s, id, w)
	}
	if server := c.options.Server; server != nil && slices.Contains(server.Starred, tableID(name)) {
		c.find("LK18", s, tableID(name), nil)
	}
	if name := plainType(col.Type); name == "json" {
		c.find("CO25", s, id, nil)
	}
	for i := range col.Constraints {
		c.inlineConstraint(s, name, a, &col.Constraints[i])
	}
}

func (c *checker) rewritingColumn(s *statement, id schema.ID, code string, col *sqltext.ColumnFact, w words) {
	switch code {
	case "CO01":
		w["default"] = col.Default.SQL
		f := c.find(code, s, id, w)
		if s.Effect == nil && !c.world.surelyVolatile(col.Default) {
			doubt(f, "Nothing is known of "+c.world.volatile(col.Default)+"; if it is STABLE or IMMUTABLE, nothing is rewritten.")
		}
	case "CO02":
		w["type"] = strings.NewReplacer("big", "bigint", "small", "smallint").Replace(strings.TrimSuffix(w["type"], "serial"))
		if !col.Type.Serial() {
			w["type"] = col.Type.SQL
		} else if w["type"] == "" {
			w["type"] = "integer"
		}
		c.find(code, s, id, w)
	case "CO03":
		w["default"] = col.Generated.SQL
		c.find(code, s, id, w)
	default:
		c.find(code, s, id, w)
	}
}

// inlineConstraint judges CHECK, REFERENCES, UNIQUE and PRIMARY KEY behind a new column.
func (c *checker) inlineConstraint(s *statement, name schema.Name, a sqltext.Action, k *sqltext.ConstraintFact) {
	id := schema.ColumnID(tableID(name), a.Name)
	switch k.Kind {
	case "check":
		if c.does(s.effect.Scans, name) {
			c.find("CO06", s, id, nil)
		}
	case "foreign key":
		ref := c.world.resolve(k.References)
		if !c.existing(ref) {
			return
		}
		w := words{"other": schema.Qualified(ref.Schema, ref.Name)}
		validates := c.does(s.effect.Validates, name)
		if validates {
			w["work"] = " while all rows are compared"
		} else {
			w["work"] = ", though there is nothing to compare as the new column is NULL"
		}
		f := c.find("CO07", s, id, w)
		if validates && f.Severity == Warning {
			f.Severity = Error
		}
	case "unique", "primary key":
		if c.does(s.effect.Builds, name) {
			c.find("CO08", s, id, words{"name": schema.Quote(constraintName(c.world.table(name), k))})
		}
	}
}

func (c *checker) setNotNull(s *statement, name schema.Name, column string) {
	t := c.world.table(name)
	col := t.columns[column]
	proved := c.world.provedNotNull(t, column, s.fact) && (s.Effect == nil || len(s.fact.Actions) > 1)
	if proved || !c.does(s.effect.Scans, name) {
		return // with several actions, another may be why the table is read
	}
	id := schema.ColumnID(tableID(name), column)
	if col != nil && col.unproven {
		for _, k := range t.sortedConstraints() {
			if k.kind == "not null" && slices.Contains(k.columns, column) {
				c.find("CO10", s, id, words{"name": schema.Quote(k.name)})
			}
		}
		return
	}
	f := c.find("CO09", s, id, words{"name": schema.Quote(name.Name + "_" + column + "_nn")})
	if s.Effect == nil && !t.known && c.proofUnknown(t, column) {
		doubt(f, "A check that says so may be there already; nothing is known of this table.")
	}
}

// proofUnknown reports whether a check with a telling name was validated that nobody saw being added.
func (c *checker) proofUnknown(t *table, column string) bool {
	for _, s := range c.all {
		if s.fact.Command != sqltext.AlterTable || c.world.resolve(s.fact.Objects[0].Name) != t.name {
			continue
		}
		for _, a := range s.fact.Actions {
			if a.Do == sqltext.ValidateConstraint && t.constraints[a.Name] == nil {
				return true
			}
		}
	}
	return false
}

func (c *checker) dropColumn(s *statement, name schema.Name, a sqltext.Action) {
	t := c.world.table(name)
	id := schema.ColumnID(tableID(name), a.Name)
	if f := c.find("CO18", s, id, nil); c.file.Contract || trashed(a.Name) {
		f.Severity = Note
	}
	for _, k := range t.sortedConstraints() {
		if k.kind == "foreign key" && slices.Contains(k.columns, a.Name) {
			c.find("CO21", s, id, words{"name": schema.Quote(k.name), "other": schema.Qualified(k.ref.Schema, k.ref.Name)})
		}
	}
	if gone := c.goesAlong(t, a.Name); len(gone) > 0 {
		c.find("CO19", s, id, words{"what": list(gone)})
	}
	if stops := c.stops(t, a.Name); len(stops) > 0 {
		what := "PostgreSQL refuses to drop the column as long as " + list(stops) + " depends on it (2BP01)."
		if a.Cascade {
			what = "CASCADE drops " + list(stops) + " along with the column."
		}
		c.find("CO20", s, id, words{"what": what})
	} else if a.Cascade {
		f := c.find("CO20", s, id, words{"what": "CASCADE drops whatever depends on the column, whether anybody thought of it or not."})
		f.Severity = Warning
	}
}

// goesAlong is what DROP COLUMN removes without a word.
func (c *checker) goesAlong(t *table, column string) (gone []string) {
	for _, i := range c.world.indexesOf(t.name) {
		many := slices.Contains(i.columns, column) && len(i.columns) > 1 || slices.Contains(i.uses, column)
		if many && !i.constraint {
			gone = append(gone, "index "+schema.Quote(i.name.Name))
		}
	}
	for _, k := range t.sortedConstraints() {
		if k.kind != "foreign key" && len(k.columns) > 1 && slices.Contains(k.columns, column) {
			gone = append(gone, k.kind+" "+schema.Quote(k.name))
		}
	}
	for _, u := range t.uses {
		if slices.Contains(u.columns, column) && (u.kind == "statistics" || u.kind == "generated column" && c.world.major < 15) {
			gone = append(gone, u.kind+" "+schema.Quote(u.name))
		}
	}
	return gone
}

// stops is what makes PostgreSQL refuse DROP COLUMN.
func (c *checker) stops(t *table, column string) (out []string) {
	for _, u := range t.uses {
		if !slices.Contains(u.columns, column) || u.kind == "statistics" || u.kind == "generated column" && c.world.major < 15 {
			continue
		}
		out = append(out, u.kind+" "+schema.Quote(u.name))
	}
	return out
}

// trashed reports whether a name is one that a first, reversible drop gives a column.
func trashed(name string) bool {
	_, ok := schema.Trashed(schema.ColumnID(schema.ID{Kind: schema.KindTable}, name))
	return ok
}

// trashSchema reports whether a schema holds tables that were dropped in a reversible way.
func trashSchema(name string) bool {
	_, ok := schema.Trashed(schema.ID{Kind: schema.KindSchema, Name: name})
	return ok
}

func plainType(t sqltext.TypeFact) string {
	if t.Schema != "" || t.Array {
		return ""
	}
	return t.Name
}
