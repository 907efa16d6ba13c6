package lint

import (
	"regexp"
	"slices"
	"time"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// Policy is what a project asks for beyond the catalogue. The zero value asks for nothing.
type Policy struct {
	// AdditiveOnly allows nothing to be dropped, renamed or narrowed, except by the contract half of a change (PO01).
	AdditiveOnly bool
	// Naming are rules for the names of new objects (PO02).
	Naming []Naming
	// ForeignKeyIndex asks for an index on every new foreign key (PO03).
	ForeignKeyIndex bool
	// Qualified asks for a schema before every name (TB14).
	Qualified bool
	// MaxLock is the strongest lock that a statement may take on a table that was there before; NoLock for no limit (PO04).
	MaxLock planner.LockMode
	// MaxDuration is how long a statement may be estimated to hold a lock that blocks writes; 0 for no limit (PO05).
	MaxDuration time.Duration
	// Forbidden codes are errors, and no directive allows them (PO06).
	Forbidden []string
	// Severity overrides the severity of codes.
	Severity map[string]Severity
}

// Naming is a rule for names.
type Naming struct {
	// Kind is table, column, index, foreign_key, unique, primary_key, check, view, enum, domain, sequence, function, trigger or schema.
	Kind  string
	Match *regexp.Regexp
	// Message says in words what is asked for; it may be empty.
	Message string
}

// judge applies the policy's severities to all findings of the file, and marks those that are allowed.
func (c *checker) judge() []Finding {
	p := &c.options.Policy
	for i := range c.findings {
		f := &c.findings[i]
		if severity, ok := p.Severity[f.Code]; ok {
			f.Severity = severity
		}
		if slices.Contains(p.Forbidden, f.Code) {
			f.Severity = Error
		}
	}
	c.allow()
	return c.findings
}

// limits judges the locks and their time.
func (c *checker) limits(s *statement) {
	p := &c.options.Policy
	l, ok := s.strongest()
	if !ok {
		return
	}
	if p.MaxLock != planner.NoLock && l.Mode > p.MaxLock {
		c.find("PO04", s, l.On, words{"other": p.MaxLock.String(), "mode": l.Mode.String()})
	}
	if p.MaxDuration > 0 && c.options.Cost != nil && l.Mode.BlocksWrites() {
		if text, d := c.options.Cost(s.effect); d > p.MaxDuration {
			c.find("PO05", s, l.On, words{"other": p.MaxDuration.String(), "what": text})
		}
	}
}

// additive finds what drops, renames or narrows.
func (c *checker) additive(s *statement) {
	if !c.options.Policy.AdditiveOnly || c.file.Contract {
		return
	}
	f := s.fact
	switch f.Command {
	case sqltext.DropObjects, sqltext.RenameObject, sqltext.SetSchema:
		for _, o := range f.Objects {
			of := o.Of
			if of.Name == "" {
				of = o.Name
			}
			if n := c.world.resolve(of); o.Kind != "index" && !c.madeHere(n, o.Kind) {
				c.find("PO01", s, schema.ID{}, words{"what": headline(s) + " " + schema.Quote(o.Name.Name)})
			}
		}
	case sqltext.TruncateTables, sqltext.DropDatabase, sqltext.RenameEnumValue:
		c.find("PO01", s, schema.ID{}, words{"what": headline(s)})
	case sqltext.AlterTable:
		if name := c.world.resolve(f.Objects[0].Name); c.existing(name) && f.Objects[0].Kind == "table" {
			for _, a := range f.Actions {
				if what := narrows(a); what != "" {
					c.find("PO01", s, tableID(name), words{"what": what})
				}
			}
		}
	}
}

func (c *checker) madeHere(n schema.Name, kind string) bool {
	for _, k := range []schema.Kind{schema.KindTable, schema.KindEnum, schema.KindDomain} {
		if c.world.fresh[schema.ID{Kind: k, Schema: n.Schema, Name: n.Name}] == c.world.file {
			return true
		}
	}
	t := c.world.tables[n]
	return t != nil && t.made == c.world.file && kind != "schema"
}

// narrows says what an action takes away or forbids, or is empty.
func narrows(a sqltext.Action) string {
	switch a.Do {
	case sqltext.DropColumn, sqltext.AlterType, sqltext.SetNotNull, sqltext.DetachPartition:
		return upper(string(a.Do)) + " " + schema.Quote(a.Name+a.Other.Name)
	case sqltext.AddColumn:
		if a.Column.NotNull && a.Column.Default == nil && a.Column.Generated == nil && !a.Column.Identity {
			return "ADD COLUMN " + schema.Quote(a.Name) + " NOT NULL without a default"
		}
	}
	return ""
}

// naming judges the names of what a statement makes.
func (c *checker) naming(s *statement) {
	if len(c.options.Policy.Naming) == 0 {
		return
	}
	for _, made := range c.made(s.fact) {
		for _, n := range c.options.Policy.Naming {
			if n.Kind != made.kind || made.name == "" || n.Match.MatchString(made.name) {
				continue
			}
			w := words{"kind": made.kind, "name": schema.Quote(made.name), "pattern": n.Match.String()}
			if n.Message != "" {
				w["work"] = " (" + n.Message + ")"
			}
			c.find("PO02", s, schema.ID{}, w)
		}
	}
}

// named is a new object by kind and name.
type named struct{ kind, name string }

// made are the objects that a statement names anew; names that PostgreSQL chooses are not judged.
func (c *checker) made(f sqltext.Fact) (out []named) {
	kinds := map[sqltext.Command]string{
		sqltext.CreateTable: "table", sqltext.CreateTableAs: "table", sqltext.CreateView: "view", sqltext.CreateIndex: "index", sqltext.CreateTrigger: "trigger",
		sqltext.CreateDomain: "domain", sqltext.CreateSequence: "sequence", sqltext.CreateFunction: "function", sqltext.CreateSchema: "schema",
	}
	if kind := kinds[f.Command]; kind != "" {
		out = append(out, named{kind, f.Objects[0].Name.Name})
	}
	if f.Command == sqltext.CreateType {
		out = append(out, named{f.Objects[0].Kind, f.Objects[0].Name.Name})
	}
	if f.Command == sqltext.RenameObject {
		out = append(out, named{f.Objects[0].Kind, f.NewName})
	}
	add := func(constraints []sqltext.ConstraintFact) {
		words := map[string]string{"foreign key": "foreign_key", "primary key": "primary_key", "unique": "unique", "check": "check"}
		for _, k := range constraints {
			out = append(out, named{words[k.Kind], k.Name})
		}
	}
	column := func(col sqltext.ColumnFact) {
		out = append(out, named{"column", col.Name})
		add(col.Constraints)
	}
	if f.Table != nil && f.Command == sqltext.CreateTable {
		for _, col := range f.Table.Columns {
			column(col)
		}
		add(f.Table.Constraints)
	}
	for _, a := range f.Actions {
		if a.Column != nil {
			column(*a.Column)
		}
		if a.Do == sqltext.AddConstraint {
			add([]sqltext.ConstraintFact{*a.Constraint})
		}
	}
	return out
}
