package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

func upper(s string) string { return strings.ToUpper(s) }

// tableAction judges what is left of ALTER TABLE.
func (c *checker) tableAction(s *statement, name schema.Name, a sqltext.Action) bool {
	id := tableID(name)
	w := words{"what": upper(string(a.Do))}
	switch a.Do {
	case sqltext.SetLogged, sqltext.SetUnlogged, sqltext.SetTablespace, sqltext.SetAccessMethod:
		if c.does(s.effect.Rewrites, name) {
			c.find("TB05", s, id, w)
		}
	case sqltext.AttachPartition:
		c.attach(s, a)
	case sqltext.DetachPartition:
		if !a.Concurrently && c.existing(c.world.resolve(a.Other)) {
			child := c.world.resolve(a.Other)
			safe := "ALTER TABLE " + schema.Qualified(name.Schema, name.Name) + " DETACH PARTITION " + schema.Qualified(child.Schema, child.Name) +
				" CONCURRENTLY; outside of a transaction (not with a DEFAULT partition; if it is interrupted, … FINALIZE)."
			if c.world.major < 14 {
				safe = "Under a short lock_timeout with retries; CONCURRENTLY exists from PostgreSQL 14 on."
			}
			c.find("TB07", s, id, words{"what": safe})
		}
	case sqltext.SwitchTrigger:
		c.find("TB09", s, id, words{"what": upper(string(a.Do)), "mode": "SHARE ROW EXCLUSIVE"})
	case sqltext.SetStorage, sqltext.SetCompression, sqltext.ReplicaIdentity, sqltext.OwnerTo, sqltext.RowSecurity, sqltext.SwitchRule:
		c.find("CO27", s, id, w)
	case sqltext.SetStatistics, sqltext.SetColumnOptions, sqltext.SetOptions:
		c.find("CO28", s, id, w)
	case sqltext.Inherit:
		c.find("CO28", s, tableID(c.world.resolve(a.Other)), w)
	default:
		return false
	}
	return true
}

// attach judges ATTACH PARTITION by what is scanned, built or validated for it.
func (c *checker) attach(s *statement, a sqltext.Action) {
	child := c.world.resolve(a.Other)
	if !c.existing(child) {
		return
	}
	var work []string
	for _, id := range s.effect.Scans {
		work = append(work, "all of "+schema.Qualified(id.Schema, id.Name)+" is read")
	}
	if c.does(s.effect.Builds, child) {
		work = append(work, "its missing indexes are built")
	}
	if c.does(s.effect.Validates, child) {
		work = append(work, "the foreign keys of the parent are validated")
	}
	if len(work) == 0 {
		return
	}
	what := "While " + schema.Qualified(child.Schema, child.Name) + " is locked with ACCESS EXCLUSIVE, " + strings.Join(work, ", ") + "."
	c.find("TB06", s, tableID(child), words{"what": what, "other": schema.Qualified(child.Schema, child.Name)})
}

func (c *checker) createTable(s *statement) {
	name := c.world.resolve(s.fact.Objects[0].Name)
	t := s.fact.Table
	if p := t.PartitionOf; p != nil {
		parent := c.world.resolve(*p)
		if c.existing(parent) {
			w := words{"name": schema.Qualified(name.Schema, name.Name)}
			for _, part := range c.world.partitions(parent) {
				if part.defaultPart {
					w["work"] = " and on its DEFAULT partition, which is read to check that no row belongs into the new one"
				}
			}
			c.find("TB08", s, tableID(parent), w)
		}
	}
	c.newKeys(s, name)
	c.advice(s, name)
}

func (c *checker) drop(s *statement) {
	for _, o := range s.fact.Objects {
		n := c.world.resolve(o.Name)
		switch o.Kind {
		case "index":
			c.dropIndex(s, o)
		case "table":
			if c.existing(n) {
				if f := c.find("TB01", s, tableID(n), nil); c.file.Contract || trashSchema(n.Schema) {
					f.Severity = Note
				} else if s.fact.Cascade {
					f.Why += " CASCADE drops whatever depends on it as well."
				}
			}
		case "schema":
			id := schema.ID{Kind: schema.KindSchema, Name: o.Name.Name}
			if s.fact.Cascade && c.world.fresh[id] != c.world.file {
				c.find("TB01", s, id, words{"table": "every table of the schema " + id.SQL()})
			}
		case "trigger":
			if of := c.world.resolve(o.Of); c.existing(of) {
				c.find("TB09", s, tableID(of), words{"what": "DROP TRIGGER", "mode": "ACCESS EXCLUSIVE"})
			}
		case "policy", "rule":
			if of := c.world.resolve(o.Of); c.existing(of) {
				c.find("CO27", s, tableID(of), words{"what": "DROP " + upper(o.Kind)})
			}
		case "type":
			if c.world.fresh[schema.ID{Kind: schema.KindEnum, Schema: n.Schema, Name: n.Name}] != c.world.file && s.fact.Cascade {
				what := "DROP TYPE … CASCADE drops every column of the type, with its values."
				c.find("TB12", s, schema.ID{Kind: schema.KindEnum, Schema: n.Schema, Name: n.Name}, words{"what": what})
			}
		}
	}
}

// rename judges new names and schemas.
func (c *checker) rename(s *statement) {
	f, o := s.fact, s.fact.Objects[0]
	n := c.world.resolve(o.Name)
	switch {
	case o.Kind == "column" && c.existing(c.world.resolve(o.Of)):
		c.renameColumn(s, c.world.resolve(o.Of))
	case o.Kind == "schema" && c.world.fresh[schema.ID{Kind: schema.KindSchema, Name: o.Name.Name}] != c.world.file:
		c.find("TB02", s, schema.ID{Kind: schema.KindSchema, Name: o.Name.Name}, words{"new": schema.Quote(f.NewName)})
	case o.Kind == "constraint" && c.existing(c.world.resolve(o.Of)):
		c.find("CO27", s, tableID(c.world.resolve(o.Of)), words{"what": "RENAME CONSTRAINT"})
	case (o.Kind == "view" || o.Kind == "materialized view") && c.existing(n):
		if !c.standIn(s, n) {
			c.find("TB02", s, c.world.relationID(n), words{"new": schema.Quote(f.NewName)})
		}
	case o.Kind == "table" && c.existing(n):
		now := schema.Name{Schema: n.Schema, Name: f.NewName}
		if f.Command == sqltext.SetSchema {
			now = schema.Name{Schema: f.NewName, Name: n.Name}
		}
		if trashSchema(now.Schema) {
			if f := c.find("TB01", s, tableID(n), nil); c.file.Contract {
				f.Severity = Note
			}
			return
		}
		if !c.standIn(s, n) {
			c.find("TB02", s, tableID(n), words{"name": schema.Qualified(n.Schema, n.Name), "new": schema.Qualified(now.Schema, now.Name)})
		}
	}
}

// following are the statements behind s in its unit.
func following(s *statement) []sqltext.Fact {
	var out []sqltext.Fact
	for _, other := range s.unit.Statements {
		if other.Line > s.Line || other.Line == s.Line && other.Column > s.Column {
			out = append(out, sqltext.Facts(other.SQL))
		}
	}
	return out
}

// standIn reports whether the same transaction puts a view or another table in the place of the renamed one.
func (c *checker) standIn(s *statement, old schema.Name) bool {
	return s.inTransaction && slices.ContainsFunc(following(s), func(f sqltext.Fact) bool {
		switch {
		case len(f.Objects) == 0:
			return false
		case f.Command == sqltext.CreateView, f.Command == sqltext.CreateTable:
			return c.world.resolve(f.Objects[0].Name) == old
		}
		return f.Command == sqltext.RenameObject && f.Objects[0].Kind == "table" && f.NewName == old.Name
	})
}

func (c *checker) renameColumn(s *statement, of schema.Name) {
	f := s.fact
	old := f.Objects[0].Name.Name
	id := schema.ColumnID(tableID(of), old)
	if col := c.world.table(of).columns[old]; col != nil && col.made == c.world.file && c.world.file != 0 {
		return
	}
	swapped := s.inTransaction && slices.ContainsFunc(following(s), func(l sqltext.Fact) bool {
		return l.Command == sqltext.RenameObject && l.Objects[0].Kind == "column" && c.world.resolve(l.Objects[0].Of) == of && l.NewName == old
	})
	switch {
	case swapped, trashed(old):
	case trashed(f.NewName):
		if found := c.find("CO18", s, id, nil); c.file.Contract {
			found.Severity = Note
		}
	case c.file.Contract && f.NewName != "" && c.world.table(of).columns[f.NewName] == nil && c.swappedIn(of, old):
	default:
		c.find("CO22", s, id, words{"new": schema.Quote(f.NewName)})
	}
}

// swappedIn reports whether an earlier statement of the file took the name's former owner out of the way.
func (c *checker) swappedIn(of schema.Name, name string) bool {
	return slices.ContainsFunc(c.all, func(s *statement) bool {
		return s.fact.Command == sqltext.RenameObject && s.fact.Objects[0].Kind == "column" && c.world.resolve(s.fact.Objects[0].Of) == of && s.fact.Objects[0].Name.Name != name
	})
}

// tables judges the statements about tables that have a command of their own.
func (c *checker) tables(s *statement) {
	f := s.fact
	switch f.Command {
	case sqltext.TruncateTables:
		for _, o := range f.Objects {
			if n := c.world.resolve(o.Name); c.existing(n) {
				w := words{"work": ", whoever still needs them"}
				if f.Cascade {
					w["work"] = ", and so are those of every table that references it"
				}
				c.find("TB03", s, tableID(n), w)
			}
		}
	case sqltext.Vacuum, sqltext.Cluster:
		c.vacuum(s)
	case sqltext.CreateView, sqltext.Refresh:
		c.view(s)
	case sqltext.CreateTrigger:
		if of := c.world.resolve(f.Objects[0].Of); c.existing(of) && c.world.views[of] == nil {
			c.find("TB09", s, tableID(of), words{"what": "CREATE TRIGGER", "mode": "SHARE ROW EXCLUSIVE"})
		}
	case sqltext.CreatePolicy, sqltext.AlterPolicy, sqltext.CreateRule:
		if of := c.world.resolve(f.Objects[0].Of); c.existing(of) && c.world.views[of] == nil {
			c.find("CO27", s, tableID(of), words{"what": upper(string(f.Command))})
		}
	case sqltext.Rows:
		for _, write := range f.Query.Writes {
			c.wholeTable(s, write)
			if write.Table.Name == "pg_enum" && (write.Table.Schema == "" || write.Table.Schema == "pg_catalog") {
				c.find("TB12", s, schema.ID{}, words{"what": "Changing pg_enum by hand leaves rows and indexes with values that do not exist."})
			}
		}
	case sqltext.CreateStatistics, sqltext.Analyze, sqltext.AlterPublication, sqltext.CreatePublication:
		for _, l := range s.locks {
			if l.Mode == planner.ShareUpdateExclusive {
				c.find("CO28", s, l.On, words{"what": upper(string(f.Command))})
			}
		}
	}
}

// wholeTable finds changes of all rows of a table in one statement.
func (c *checker) wholeTable(s *statement, write sqltext.WriteFact) {
	n := c.world.resolve(write.Table)
	if !write.All || s.unit.Batched || !c.existing(n) {
		return
	}
	f := c.find("LK05", s, tableID(n), words{"first": "", "other": ""})
	f.Why = upper(write.Verb) + " without WHERE changes all rows of " + schema.Qualified(n.Schema, n.Name) +
		" in one transaction: they stay locked until it ends, and vacuum can reuse nothing of what it leaves behind before."
	if c.world.small(n) {
		f.Why += " The table is small."
	}
}

func (c *checker) vacuum(s *statement) {
	if !s.fact.Full && s.fact.Command == sqltext.Vacuum {
		return
	}
	if len(s.fact.Objects) == 0 {
		c.find("TB04", s, schema.ID{}, words{"table": "every table of the database"})
	}
	for _, o := range s.fact.Objects {
		if n := c.world.resolve(o.Name); c.existing(n) {
			c.find("TB04", s, tableID(n), nil)
		}
	}
}

func (c *checker) view(s *statement) {
	n := c.world.resolve(s.fact.Objects[0].Name)
	if !c.existing(n) {
		return
	}
	id := c.world.relationID(n)
	switch {
	case s.fact.Command == sqltext.Refresh && !s.fact.Concurrently:
		id.Kind = schema.KindMaterialized
		c.find("TB10", s, id, words{
			"what": "Queries of " + id.SQL() + " wait (ACCESS EXCLUSIVE) until it is filled anew.",
			"fix":  "REFRESH MATERIALIZED VIEW CONCURRENTLY " + id.SQL() + "; which needs a unique index.",
		})
	case s.fact.Command == sqltext.CreateView && s.fact.OrReplace && c.world.views[n] != nil:
		f := c.find("TB10", s, id, words{
			"what": "CREATE OR REPLACE VIEW needs ACCESS EXCLUSIVE on " + id.SQL() + " for a moment.", "fix": "Under a short lock_timeout with retries.",
		})
		f.Severity = Note
	}
}

// enum judges what is done to enums.
func (c *checker) enum(s *statement) {
	f := s.fact
	n := c.world.resolve(f.Objects[0].Name)
	id := schema.ID{Kind: schema.KindEnum, Schema: n.Schema, Name: n.Name}
	switch {
	case f.Command == sqltext.CreateType && f.Objects[0].Kind == "enum":
		c.find("CO26", s, id, words{"what": "A value of an enum can never be removed; text with a CHECK can be changed later without a rewrite."})
	case f.Command == sqltext.RenameEnumValue && c.world.fresh[id] != c.world.file:
		what := fmt.Sprintf("Code that says %s fails from this moment on.", schema.Literal(f.Value))
		c.find("TB12", s, id, words{"what": what})
	}
}

// enumUse finds values of enums that are used in the transaction that adds them.
func (c *checker) enumUse(list []*statement) {
	for i, s := range list {
		if s.fact.Command != sqltext.AddEnumValue {
			continue
		}
		n := c.world.resolve(s.fact.Objects[0].Name)
		id := schema.ID{Kind: schema.KindEnum, Schema: n.Schema, Name: n.Name}
		if c.world.fresh[id] == c.world.file {
			continue // a value of a type that the same transaction made can be used
		}
		value := schema.Literal(s.fact.NewValue)
		for _, later := range list[i+1:] {
			if slices.Contains(later.fact.Strings, s.fact.NewValue) && later.fact.Command != sqltext.AddEnumValue {
				what := "The value " + value + " cannot be used before the transaction that adds it is committed (55P04)."
				c.find("TB11", later, id, words{"what": what, "value": value, "name": schema.Qualified(n.Schema, n.Name)})
				break
			}
		}
	}
}
