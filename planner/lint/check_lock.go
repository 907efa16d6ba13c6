package lint

import (
	"slices"
	"strings"
	"time"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// deadlockTimeout is the default of the server's setting.
const deadlockTimeout = time.Second

// patience is how long a lock_timeout has to be not to break a concurrent build under usual circumstances.
const patience = 30 * time.Second

// placement judges a statement by the transaction and the settings that it stands in.
func (c *checker) placement(s *statement) {
	if s.inTransaction && !s.class.Transactional {
		c.find("LK10", s, schema.ID{}, words{"what": headline(s)})
	}
	if s.fact.Concurrently && s.lockTimeout.bounded() && s.lockTimeout.time < patience && !c.file.Managed && indexWork(s.fact) {
		c.find("LK09", s, schema.ID{}, words{"what": headline(s), "value": s.lockTimeout.text})
	}
	if s.fact.Command == sqltext.CreateIndex && s.fact.IfNotExists {
		c.indexIfNotExists(s)
	}
	if !c.file.Managed {
		c.timeouts(s)
	}
	if server := c.options.Server; server != nil {
		for _, b := range server.Blockers {
			if mode := s.effect.Strongest(b.On); mode >= planner.ShareRowExclusive || s.fact.Concurrently && mode >= planner.ShareUpdateExclusive {
				c.find("LK16", s, b.On, words{"what": headline(s), "mode": mode.String(), "other": b.Who})
			}
		}
		if v := server.Version; v >= 140000 && v < 140004 && s.fact.Concurrently && (s.fact.Command == sqltext.CreateIndex || s.fact.Command == sqltext.Reindex) {
			c.find("KX16", s, schema.ID{}, nil)
		}
	}
}

func indexWork(f sqltext.Fact) bool {
	return f.Command == sqltext.CreateIndex || f.Command == sqltext.Reindex || f.Command == sqltext.DropObjects
}

func (c *checker) indexIfNotExists(s *statement) {
	name := c.world.indexName(s.fact)
	id := schema.ID{Kind: schema.KindIndex, Schema: name.Schema, Parent: c.world.resolve(s.fact.Objects[0].Of).Name, Name: name.Name}
	switch {
	case s.fact.Concurrently:
		c.find("LK11", s, id, nil)
	case c.existing(c.world.resolve(s.fact.Objects[0].Of)):
		c.find("LK12", s, id, words{"mode": "SHARE"})
	}
}

// timeouts judges a lock that nothing bounds. Each code is said once for a file.
func (c *checker) timeouts(s *statement) {
	l, ok := s.strongest()
	if !ok || l.Mode < planner.ShareUpdateExclusive || s.fact.Command == sqltext.Rows {
		return
	}
	w := words{"what": headline(s)}
	if l.Mode >= planner.ShareRowExclusive && !s.lockTimeout.bounded() && !c.once["LK01"] {
		c.once["LK01"] = true
		c.find("LK01", s, l.On, w)
	}
	if l.Mode == planner.AccessExclusive && !s.statementTimeout.bounded() && !c.once["LK02"] {
		c.once["LK02"] = true
		c.find("LK02", s, l.On, w)
	}
	limit := deadlockTimeout
	if c.options.Server != nil && c.options.Server.DeadlockTimeout > 0 {
		limit = c.options.Server.DeadlockTimeout
	}
	if s.lockTimeout.bounded() && s.lockTimeout.time <= limit && !c.once["LK08"] {
		c.once["LK08"] = true
		c.find("LK08", s, l.On, words{"other": limit.String(), "value": s.lockTimeout.text})
	}
}

// transaction judges statements that share a transaction.
func (c *checker) transaction(list []*statement) {
	if len(list) == 0 {
		return
	}
	c.validatedAtOnce(list)
	if len(list) > 1 {
		c.afterExclusive(list)
		c.manyTables(list)
		c.upgrades(list)
		c.repeatedScans(list)
	}
	c.enumUse(list)
	c.bundled(list)
}

// working reports whether a statement takes time that grows with data.
func working(s *statement) bool {
	e := s.effect
	return len(e.Scans)+len(e.Rewrites)+len(e.Builds)+len(e.Validates) > 0
}

// backfill reports whether a statement changes rows of a table that was there before.
func (c *checker) backfill(s *statement) (schema.Name, bool) {
	if s.fact.Command != sqltext.Rows || s.unit.Batched {
		return schema.Name{}, false
	}
	for _, w := range s.fact.Query.Writes {
		if name := c.world.resolve(w.Table); !w.Values && c.existing(name) {
			return name, true
		}
	}
	return schema.Name{}, false
}

// wholeTable reports whether a statement changes all rows of a table, which is said of it by itself.
func wholeTable(s *statement) bool {
	return slices.ContainsFunc(s.fact.Query.Writes, func(w sqltext.WriteFact) bool { return w.All })
}

// afterExclusive finds work behind the first exclusive lock of a transaction.
func (c *checker) afterExclusive(list []*statement) {
	var first *statement
	var held planner.Lock
	for _, s := range list {
		if first != nil {
			w := words{"first": headline(first), "what": headline(s)}
			other, rows := c.backfill(s)
			switch {
			case rows && held.Mode >= planner.ShareRowExclusive && !wholeTable(s):
				w["other"] = schema.Qualified(other.Schema, other.Name)
				c.find("LK05", s, held.On, w)
			case held.Mode == planner.AccessExclusive && working(s) && c.worksOnOld(s):
				c.find("LK03", s, held.On, w)
			}
		}
		if l, ok := s.strongest(); ok && l.Mode >= planner.ShareRowExclusive && l.Mode > held.Mode && s.fact.Command != sqltext.Rows {
			first, held = s, l
		}
	}
}

// worksOnOld reports whether a statement's work is about a table that was there before.
func (c *checker) worksOnOld(s *statement) bool {
	e := s.effect
	for _, ids := range [][]schema.ID{e.Scans, e.Rewrites, e.Builds, e.Validates} {
		for _, id := range ids {
			if c.existing(c.tableOf(id)) {
				return true
			}
		}
	}
	return false
}

// manyTables finds transactions that lock more than one table after the other.
func (c *checker) manyTables(list []*statement) {
	var names []string
	seen := map[schema.ID]bool{}
	contributors := 0
	var last *statement
	for _, s := range list {
		added := false
		for _, l := range s.locks {
			if l.Mode < planner.ShareRowExclusive || seen[l.On] || c.isPart(l.On) {
				continue
			}
			seen[l.On], added = true, true
			names = append(names, schema.Qualified(l.On.Schema, l.On.Name))
		}
		if added {
			contributors, last = contributors+1, s
		}
	}
	if contributors > 1 {
		c.find("LK06", last, schema.ID{}, words{"what": strings.Join(names, ", ")})
	}
}

// isPart reports whether a table is a partition: those are locked with their parent.
func (c *checker) isPart(id schema.ID) bool {
	t := c.world.tables[schema.Name{Schema: id.Schema, Name: id.Name}]
	return t != nil && len(t.parents) > 0
}

// upgrades finds a stronger lock on a table that the transaction holds a weaker one on.
func (c *checker) upgrades(list []*statement) {
	held := map[schema.ID]planner.LockMode{}
	by := map[schema.ID]*statement{}
	for _, s := range list {
		for _, l := range s.locks {
			before := held[l.On]
			if before >= planner.ShareUpdateExclusive && before < l.Mode && l.Mode == planner.AccessExclusive {
				c.find("LK07", s, l.On, words{"first": before.String() + " (" + headline(by[l.On]) + ")", "what": headline(s), "mode": l.Mode.String()})
			}
			if l.Mode > before {
				held[l.On], by[l.On] = l.Mode, s
			}
		}
	}
}

// validatedAtOnce finds constraints that are validated in the transaction that adds them.
func (c *checker) validatedAtOnce(list []*statement) {
	added := map[schema.ID]bool{}
	for _, s := range list {
		if s.fact.Command != sqltext.AlterTable {
			continue
		}
		name := c.world.resolve(s.fact.Objects[0].Name)
		for _, a := range s.fact.Actions {
			id := c.constraintID(name, a.Name)
			switch {
			case a.Do == sqltext.AddConstraint && a.Constraint.NotValid:
				added[id] = true
			case a.Do == sqltext.ValidateConstraint && added[id] && c.existing(name):
				c.find("LK04", s, id, nil)
			}
		}
	}
}

// repeatedScans finds several ALTER TABLE of one table that each read or write it whole.
func (c *checker) repeatedScans(list []*statement) {
	count := map[schema.Name]int{}
	for _, s := range list {
		if s.fact.Command != sqltext.AlterTable || s.fact.Objects[0].Kind != "table" {
			continue
		}
		name := c.world.resolve(s.fact.Objects[0].Name)
		if !c.existing(name) || !c.does(s.effect.Scans, name) && !c.does(s.effect.Rewrites, name) || s.fact.Actions[0].Do == sqltext.ValidateConstraint {
			continue
		}
		if count[name]++; count[name] == 2 {
			what := "This transaction reads or writes all of " + schema.Qualified(name.Schema, name.Name) + " once for each ALTER TABLE."
			c.find("LK17", s, tableID(name), words{"what": what})
		}
	}
}

// bundled finds weak locks that share a transaction with strong ones, and validations that are not alone.
func (c *checker) bundled(list []*statement) {
	others := func(s *statement) bool {
		return slices.ContainsFunc(list, func(o *statement) bool { return o != s && len(o.locks) > 0 })
	}
	for n, s := range list {
		if !others(s) {
			continue
		}
		same := func(o *statement) bool {
			return slices.ContainsFunc(o.locks, func(l planner.Lock) bool { return l.On == s.locks[0].On && l.Mode >= planner.ShareUpdateExclusive })
		}
		if s.fact.Command == sqltext.CommentOn && len(s.locks) > 0 && !slices.ContainsFunc(list[:n], same) {
			c.find("CO28", s, s.locks[0].On, words{"what": headline(s), "work": "; and the other locks of the transaction are held meanwhile"})
		}
		for _, a := range s.fact.Actions {
			if name := c.world.resolve(s.fact.Objects[0].Name); a.Do == sqltext.ValidateConstraint && s.fact.Command == sqltext.AlterTable && c.existing(name) {
				c.validateNote(s, name, a.Name, "it shares a transaction with other statements, whose locks are held meanwhile")
			}
		}
	}
}

func (c *checker) validateNote(s *statement, name schema.Name, constraint, what string) {
	c.find("KX03", s, c.constraintID(name, constraint), words{"what": what})
}
