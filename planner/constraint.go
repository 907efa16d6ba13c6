package planner

import (
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// constraintRules are the rules of a kind of constraint whose clause is written by the function.
func constraintRules(clause func(o schema.Object) string) kindRules {
	return kindRules{
		create: func(p *planning, o schema.Object) []string {
			id := o.ID()
			sql := []string{tableSQL(id.Schema, id.Parent) + " ADD " + clause(o)}
			return append(sql, clusterOn(o)...)
		},
		drop: func(_ *planning, o schema.Object) []string {
			id := o.ID()
			return []string{tableSQL(id.Schema, id.Parent) + " DROP CONSTRAINT " + schema.Quote(id.Name)}
		},
	}
}

// clusterOn marks the index behind a new key as the one that CLUSTER uses.
func clusterOn(o schema.Object) []string {
	id := o.ID()
	if index := indexOptions(o); index != nil && index.Clustered {
		return []string{tableSQL(id.Schema, id.Parent) + " CLUSTER ON " + schema.Quote(id.Name)}
	}
	return nil
}

// indexOptions are the options of the index behind a constraint, or nil.
func indexOptions(o schema.Object) *schema.IndexOptions {
	switch c := o.(type) {
	case *schema.PrimaryKey:
		return &c.Index
	case *schema.Unique:
		return &c.Index
	case *schema.Exclude:
		return &c.Index
	}
	return nil
}

// indexClauses writes INCLUDE, WITH and USING INDEX TABLESPACE, each with a leading space.
func indexClauses(i schema.IndexOptions) string {
	sql := ""
	if len(i.Include) > 0 {
		sql += " INCLUDE (" + schema.QuoteAll(i.Include) + ")"
	}
	if len(i.StorageParams) > 0 {
		sql += " WITH (" + paramList(i.StorageParams) + ")"
	}
	if i.Tablespace != "" {
		sql += " USING INDEX TABLESPACE " + schema.Quote(i.Tablespace)
	}
	return sql
}

// keyColumns writes the column list of a key.
func keyColumns(columns []string, withoutOverlaps bool) string {
	list := schema.QuoteAll(columns)
	if withoutOverlaps {
		list += " WITHOUT OVERLAPS"
	}
	return "(" + list + ")"
}

func primaryKeyClause(o schema.Object) string {
	c := o.(*schema.PrimaryKey)
	return "CONSTRAINT " + schema.Quote(c.Name) + " PRIMARY KEY " + keyColumns(c.Columns, c.WithoutOverlaps) +
		indexClauses(c.Index) + deferral(c.Deferral)
}

func uniqueClause(o schema.Object) string {
	c := o.(*schema.Unique)
	sql := "CONSTRAINT " + schema.Quote(c.Name) + " UNIQUE "
	if c.NullsNotDistinct {
		sql += "NULLS NOT DISTINCT "
	}
	return sql + keyColumns(c.Columns, c.WithoutOverlaps) + indexClauses(c.Index) + deferral(c.Deferral)
}

func excludeClause(o schema.Object) string {
	c := o.(*schema.Exclude)
	parts := make([]string, len(c.Elements))
	for i, e := range c.Elements {
		parts[i] = indexElement(&e.IndexElement) + " WITH " + e.Operator
	}
	sql := "CONSTRAINT " + schema.Quote(c.Name) + " EXCLUDE USING " + schema.Quote(c.Method) +
		" (" + strings.Join(parts, ", ") + ")" + indexClauses(c.Index)
	if c.Where != "" {
		sql += " WHERE (" + c.Where + ")"
	}
	return sql + deferral(c.Deferral)
}

// checkClause is the clause inside CREATE TABLE, where NOT VALID makes no sense: a new table has no rows.
func checkClause(c *schema.Check) string {
	sql := "CONSTRAINT " + schema.Quote(c.Name) + " CHECK (" + c.Expr + ")"
	if c.NoInherit {
		sql += " NO INHERIT"
	}
	if c.NotEnforced {
		sql += " NOT ENFORCED"
	}
	return sql
}

func foreignKeyClause(o schema.Object) string {
	c := o.(*schema.ForeignKey)
	columns, refs := schema.QuoteAll(c.Columns), schema.QuoteAll(c.RefColumns)
	if c.Period {
		columns, refs = withPeriod(c.Columns), withPeriod(c.RefColumns)
	}
	sql := "CONSTRAINT " + schema.Quote(c.Name) + " FOREIGN KEY (" + columns + ") REFERENCES " + c.RefTable.SQL()
	if refs != "" {
		sql += " (" + refs + ")"
	}
	if c.Match != "" {
		sql += " MATCH " + c.Match
	}
	if c.OnUpdate != "" {
		sql += " ON UPDATE " + c.OnUpdate
	}
	if c.OnDelete != "" {
		sql += " ON DELETE " + c.OnDelete
		if len(c.OnDeleteColumns) > 0 {
			sql += " (" + schema.QuoteAll(c.OnDeleteColumns) + ")"
		}
	}
	sql += deferral(c.Deferral)
	if c.NotEnforced {
		return sql + " NOT ENFORCED"
	}
	if c.NotValid {
		sql += " NOT VALID"
	}
	return sql
}

func withPeriod(columns []string) string {
	n := len(columns) - 1
	if n < 1 {
		return schema.QuoteAll(columns)
	}
	return schema.QuoteAll(columns[:n]) + ", PERIOD " + schema.Quote(columns[n])
}

var (
	primaryKeyRules = withIndexAlter(constraintRules(primaryKeyClause))
	uniqueRules     = withIndexAlter(constraintRules(uniqueClause))
	excludeRules    = withIndexAlter(constraintRules(excludeClause))
	checkRules      = withValidate(constraintRules(func(o schema.Object) string {
		c := o.(*schema.Check)
		if c.NotValid && !c.NotEnforced {
			return checkClause(c) + " NOT VALID"
		}
		return checkClause(c)
	}))
	foreignKeyRules = withValidate(constraintRules(foreignKeyClause))
)

// withValidate lets a constraint that was NOT VALID become valid in place; a foreign key also changes when it is
// checked.
func withValidate(r kindRules) kindRules {
	r.replaces = func(_ *planning, from, to schema.Object) bool { return !Equal(validated(from, to), to) }
	r.alter = func(_ *planning, from, to schema.Object) ([]string, error) {
		id := to.ID()
		prefix := tableSQL(id.Schema, id.Parent)
		var out []string
		if fk, ok := to.(*schema.ForeignKey); ok && fk.Deferral != from.(*schema.ForeignKey).Deferral {
			word := " NOT DEFERRABLE"
			if fk.Deferral.Deferrable {
				word = deferral(fk.Deferral)
				if !fk.Deferral.InitiallyDeferred {
					word += " INITIALLY IMMEDIATE"
				}
			}
			out = append(out, prefix+" ALTER CONSTRAINT "+schema.Quote(id.Name)+word)
		}
		if notValid(from) && !notValid(to) {
			out = append(out, prefix+" VALIDATE CONSTRAINT "+schema.Quote(id.Name))
		}
		return out, nil
	}
	return r
}

func notValid(o schema.Object) bool {
	switch c := o.(type) {
	case *schema.Check:
		return c.NotValid
	case *schema.ForeignKey:
		return c.NotValid
	}
	return false
}

// validated is the old constraint with what can change in place taken from the new one.
func validated(from, to schema.Object) schema.Object {
	switch c := from.(type) {
	case *schema.Check:
		probe := *c
		probe.NotValid = probe.NotValid && to.(*schema.Check).NotValid
		return &probe
	case *schema.ForeignKey:
		probe := *c
		probe.NotValid = probe.NotValid && to.(*schema.ForeignKey).NotValid
		probe.Deferral = to.(*schema.ForeignKey).Deferral
		return &probe
	}
	return from
}

// withIndexAlter lets the index behind a key change its parameters in place.
func withIndexAlter(r kindRules) kindRules {
	r.replaces = func(p *planning, from, to schema.Object) bool {
		probe := withIndexOptionsOf(from, to)
		if p.detaches(to.ID()) {
			if index := indexOptions(probe); index != nil {
				index.AttachedTo = indexOptions(to).AttachedTo
			}
		}
		return !Equal(probe, to)
	}
	r.alter = func(p *planning, from, to schema.Object) ([]string, error) {
		before, after := indexOptions(from), indexOptions(to)
		return p.alterIndexSettings(to.ID(),
			indexSettings{before.StorageParams, before.Tablespace, before.Clustered},
			indexSettings{after.StorageParams, after.Tablespace, after.Clustered}), nil
	}
	return r
}

// withIndexOptionsOf copies from with the alterable options of to's index. AttachedTo is among them: the engine
// sets it when the parent's key is made, and clears it when that goes.
func withIndexOptionsOf(from, to schema.Object) schema.Object {
	merge := func(i schema.IndexOptions) schema.IndexOptions {
		o := indexOptions(to)
		i.StorageParams, i.Tablespace, i.Clustered = o.StorageParams, o.Tablespace, o.Clustered
		if i.AttachedTo == "" {
			i.AttachedTo = o.AttachedTo
		}
		return i
	}
	switch c := from.(type) {
	case *schema.PrimaryKey:
		probe := *c
		probe.Index = merge(c.Index)
		return &probe
	case *schema.Unique:
		probe := *c
		probe.Index = merge(c.Index)
		return &probe
	case *schema.Exclude:
		probe := *c
		probe.Index = merge(c.Index)
		return &probe
	}
	return from
}
