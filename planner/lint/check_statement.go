package lint

import (
	"slices"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// judgeStatement judges one statement in the state before it.
func (c *checker) judgeStatement(s *statement) {
	found := len(c.findings)
	f := s.fact
	if !f.Known && s.Effect == nil {
		c.find("PA01", s, schema.ID{}, nil)
	}
	if len(sqltext.Secrets(s.SQL)) > 0 {
		c.find("PO08", s, schema.ID{}, nil)
	}
	c.names(s)
	c.placement(s)
	c.leftovers(s)
	switch f.Command {
	case sqltext.AlterTable:
		c.alterTable(s)
	case sqltext.CreateTable:
		c.createTable(s)
	case sqltext.CreateIndex:
		c.createIndex(s)
	case sqltext.DropObjects:
		c.drop(s)
	case sqltext.RenameObject, sqltext.SetSchema:
		c.rename(s)
	case sqltext.AlterDomain:
		c.alterDomain(s)
	case sqltext.Reindex:
		c.reindex(s)
	case sqltext.AddEnumValue, sqltext.RenameEnumValue, sqltext.CreateType:
		c.enum(s)
	default:
		c.tables(s)
	}
	c.additive(s)
	c.naming(s)
	c.limits(s)
	if s.Effect != nil {
		c.unnamed(s, c.findings[found:])
	}
}

func (c *checker) alterTable(s *statement) {
	f := s.fact
	name := c.world.resolve(f.Objects[0].Name)
	if f.Objects[0].Kind == "view" || f.Objects[0].Kind == "materialized view" {
		return
	}
	if f.Objects[0].Kind == "index" || !c.existing(name) {
		if f.Objects[0].Kind == "table" {
			c.advice(s, name)
		}
		c.newKeys(s, name)
		return
	}
	c.proofDropped(s, name)
	for _, a := range f.Actions {
		for _, judge := range [...]func(*statement, schema.Name, sqltext.Action) bool{c.columnAction, c.constraintAction, c.tableAction} {
			if judge(s, name, a) {
				break
			}
		}
	}
	c.advice(s, name)
	c.newKeys(s, name)
}

// proofDropped finds SET NOT NULL beside the DROP CONSTRAINT of the check that would spare its scan: the drop runs first.
func (c *checker) proofDropped(s *statement, name schema.Name) {
	t := c.world.table(name)
	for _, a := range s.fact.Actions {
		if a.Do != sqltext.SetNotNull || !c.does(s.effect.Scans, name) {
			continue
		}
		for _, k := range t.sortedConstraints() {
			dropped := slices.ContainsFunc(s.fact.Actions, func(d sqltext.Action) bool { return d.Do == sqltext.DropConstraint && d.Name == k.name })
			if dropped && k.valid && slices.Contains(k.proofs(), a.Name) {
				what := "DROP CONSTRAINT " + schema.Quote(k.name) + " in the same ALTER TABLE runs before SET NOT NULL, which then scans all rows."
				c.find("LK17", s, schema.ColumnID(tableID(name), a.Name), words{"what": what})
			}
		}
	}
}

// wholeFile judges what only the end of the file shows.
func (c *checker) wholeFile() {
	c.settings()
	c.keysWithoutIndex()
	c.replacedIndexes()
	c.recreated()
}

// unnamed names measured work under a lock that blocks, where no rule did.
func (c *checker) unnamed(s *statement, found []Finding) {
	if len(found) > 0 && slices.ContainsFunc(found, func(f Finding) bool { r, _ := Lookup(f.Code); return r.Sized || r.Severity == Error }) {
		return
	}
	for _, l := range s.locks {
		name := schema.Name{Schema: l.On.Schema, Name: l.On.Name}
		if !l.Mode.BlocksWrites() || s.fact.Command == sqltext.Refresh {
			continue
		}
		what := ""
		switch {
		case slices.Contains(s.effect.Rewrites, l.On):
			what = "writes the table anew"
		case slices.Contains(s.effect.Scans, l.On):
			what = "reads all of the table"
		case c.does(s.effect.Builds, name):
			what = "builds an index"
		case c.does(s.effect.Validates, name):
			what = "validates a foreign key"
		default:
			continue
		}
		c.find("ME01", s, l.On, words{"what": what, "mode": l.Mode.String()})
		return
	}
}
