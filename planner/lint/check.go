package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// checker judges one file in one direction.
type checker struct {
	world    *world
	options  *Options
	file     *File
	down     bool
	session  session
	all      []*statement
	findings []Finding
	keys     []newKey // foreign keys whose index is looked for at the end
	once     map[string]bool
	// held are the locks of the transaction that is open.
	held map[schema.ID]planner.LockMode
}

// statement is a statement with what is known of it at its place.
type statement struct {
	Statement
	fact   sqltext.Fact
	class  sqltext.Class
	effect planner.Effect
	unit   *Unit
	// locks are those on tables and views that were there before the file.
	locks []planner.Lock
	// before are the locks that its transaction held before it on what it locks.
	before map[schema.ID]planner.LockMode
	// inTransaction is set inside of a transaction that holds other statements or may.
	inTransaction                 bool
	lockTimeout, statementTimeout timeout
}

func (c *checker) run(units []Unit) {
	c.once = map[string]bool{}
	for i := range units {
		c.unit(&units[i])
	}
	c.wholeFile()
}

// unit judges statements one by one, and the transactions that they form.
func (c *checker) unit(u *Unit) {
	var open []*statement // of the transaction that is open
	explicit := false
	c.held = map[schema.ID]planner.LockMode{}
	implicit := u.Transactional || u.OneMessage && len(u.Statements) > 1
	for i := range u.Statements {
		s := c.read(u, u.Statements[i])
		s.inTransaction = implicit || explicit
		if s.fact.Command == sqltext.Transaction {
			begins, ends := s.fact.Value == "begin", s.fact.Value == "commit" || s.fact.Value == "rollback" || s.fact.Value == "prepare"
			c.transactionCommand(s, explicit)
			if begins || ends {
				c.transaction(open)
				open, explicit = nil, begins
				clear(c.held)
				c.session.endTransaction()
			}
			continue
		}
		c.judgeStatement(s)
		c.world.apply(s.fact)
		c.all = append(c.all, s)
		if s.inTransaction {
			open = append(open, s)
			for _, l := range s.locks {
				c.held[l.On] = max(c.held[l.On], l.Mode)
			}
		} else {
			c.session.endTransaction()
		}
	}
	c.transaction(open)
	c.endOfUnit(u, explicit)
	c.session.endTransaction()
}

// read describes a statement and finds its effect before the state changes.
func (c *checker) read(u *Unit, text Statement) *statement {
	s := &statement{Statement: text, unit: u, fact: sqltext.Facts(text.SQL), class: sqltext.Classify(text.SQL)}
	c.session.set(s.fact.Setting)
	s.lockTimeout, s.statementTimeout = c.session.timeout("lock_timeout"), c.session.timeout("statement_timeout")
	if text.Effect != nil {
		s.effect = *text.Effect
	} else {
		s.effect = c.world.estimate(s.fact)
	}
	s.before = map[schema.ID]planner.LockMode{}
	for _, l := range s.effect.Locks {
		s.before[l.On] = c.held[l.On]
		if name := (schema.Name{Schema: l.On.Schema, Name: l.On.Name}); l.On.Kind.IsRelation() && !c.world.isFresh(name) {
			s.locks = append(s.locks, l)
		}
	}
	return s
}

// existing reports whether a relation was there before the file.
func (c *checker) existing(n schema.Name) bool { return !c.world.isFresh(n) }

// does reports whether a list of the effect names a table or one of its partitions.
func (c *checker) does(list []schema.ID, n schema.Name) bool {
	for _, id := range list {
		name := schema.Name{Schema: id.Schema, Name: id.Name}
		if id.Parent != "" {
			name.Name = id.Parent
		}
		if name == n || slices.ContainsFunc(c.world.partitions(n), func(p *table) bool { return p.name == name }) {
			return true
		}
	}
	return false
}

// strongest is the strongest lock on a table or its partitions.
func (s *statement) strongest() (planner.Lock, bool) {
	var out planner.Lock
	for _, l := range s.locks {
		if l.Mode > out.Mode {
			out = l
		}
	}
	return out, out.Mode > planner.NoLock
}

// find adds a finding. The words of the object are added to those given.
func (c *checker) find(code string, s *statement, id schema.ID, w words) *Finding {
	rule, _ := Lookup(code)
	if c.file.Context || c.down && (rule.Upward || rule.Severity == Note) || c.lockedBefore(code, s, id) {
		return &Finding{}
	}
	all := c.wordsOf(id)
	all["work"], all["unique"] = "", ""
	maps.Copy(all, w)
	f := Finding{
		Code: code, Title: rule.Title, Severity: rule.Severity, File: c.file.Path, Down: c.down, Line: s.Line, Column: s.Column,
		Step: s.unit.Step, SQL: s.SQL, Object: id, Why: all.fill(rule.Why), Safe: all.fill(rule.Safe), Holds: rule.Holds,
		Measured: s.Effect != nil,
	}
	if rule.Sized && c.world.small(c.tableOf(id)) && f.Severity != Note {
		f.Severity = Note
		f.Why += " The table is small."
	}
	if c.options.Cost != nil && (len(s.effect.Scans)+len(s.effect.Rewrites)+len(s.effect.Builds)+len(s.effect.Validates) > 0) {
		f.Cost, _ = c.options.Cost(s.effect)
	}
	c.findings = append(c.findings, f)
	return &c.findings[len(c.findings)-1]
}

// lockedBefore reports whether a rule about nothing but a short lock is met where the transaction holds that lock, or a
// stronger one, on the table already.
func (c *checker) lockedBefore(code string, s *statement, id schema.ID) bool {
	switch code {
	case "CO27", "CO28", "TB09", "LK12", "KX12":
		table := tableID(c.tableOf(id))
		return s.before[table] > planner.NoLock && s.before[table] >= s.effect.Strongest(table)
	}
	return false
}

// tableOf is the table that an object is or belongs to.
func (c *checker) tableOf(id schema.ID) schema.Name {
	if id.Parent != "" {
		return schema.Name{Schema: id.Schema, Name: id.Parent}
	}
	return schema.Name{Schema: id.Schema, Name: id.Name}
}

// wordsOf are the words that an object gives by itself.
func (c *checker) wordsOf(id schema.ID) words {
	w := words{"name": id.SQL()}
	if n := c.tableOf(id); n.Name != "" {
		w["table"] = schema.Qualified(n.Schema, n.Name)
	}
	switch id.Kind {
	case schema.KindColumn:
		w["column"] = schema.Quote(id.Name)
	case schema.KindIndex:
		w["index"] = id.SQL()
	}
	return w
}

// quoted lists names for a text.
func quoted(names []string) string { return schema.QuoteAll(names) }

// list joins words for a sentence, without repetition.
func list(items []string) string {
	slices.Sort(items)
	return strings.Join(slices.Compact(items), ", ")
}

// headline is a short form of a statement for a sentence.
func headline(s *statement) string {
	f := s.fact
	text := strings.ToUpper(string(f.Command))
	switch {
	case !f.Known:
		text = "the statement"
	case f.Command == sqltext.AlterTable && len(f.Actions) == 1:
		text = strings.ToUpper(string(f.Actions[0].Do))
	case f.Command == sqltext.DropObjects && len(f.Objects) > 0:
		text = "DROP " + strings.ToUpper(f.Objects[0].Kind)
	case f.Command == sqltext.Rows && len(f.Query.Writes) > 0:
		text = strings.ToUpper(f.Query.Writes[0].Verb)
	case f.Command == sqltext.Rows:
		text = "the query"
	case f.Command == sqltext.CommentOn && len(f.Objects) > 0:
		text = "COMMENT ON " + strings.ToUpper(f.Objects[0].Kind)
	}
	if f.Concurrently {
		text += " CONCURRENTLY"
	}
	return text
}
