package lint

import (
	"strconv"
	"strings"
	"time"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// session is what the statements so far have set.
type session struct {
	values, local map[string]string
}

func (s *session) set(f *sqltext.SettingFact) {
	if f == nil {
		return
	}
	if s.values == nil {
		s.values, s.local = map[string]string{}, map[string]string{}
	}
	switch {
	case f.Reset && f.Name == "all":
		clear(s.values)
	case f.Reset:
		delete(s.values, f.Name)
	case f.Local:
		s.local[f.Name] = f.Value
	default:
		s.values[f.Name] = f.Value
	}
}

func (s *session) endTransaction() { clear(s.local) }

func (s *session) get(name string) (string, bool) {
	if v, ok := s.local[name]; ok {
		return v, true
	}
	v, ok := s.values[name]
	return v, ok
}

// timeout is a setting of time; it is not set where the text is none that PostgreSQL takes.
type timeout struct {
	set  bool
	text string
	time time.Duration
}

// bounded reports whether a wait ends at some time.
func (t timeout) bounded() bool { return t.set && t.time > 0 }

func (s *session) timeout(name string) timeout {
	text, ok := s.get(name)
	if !ok {
		return timeout{}
	}
	d, ok := duration(text)
	return timeout{ok, text, d}
}

// duration reads a setting of time; a number alone is in milliseconds.
func duration(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	digits := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	unit := "ms"
	if digits >= 0 {
		text, unit = text[:digits], strings.TrimSpace(text[digits:])
	}
	n, err := strconv.ParseFloat(text, 64)
	scale, ok := map[string]time.Duration{
		"us": time.Microsecond, "ms": time.Millisecond, "s": time.Second, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
	}[unit]
	return time.Duration(n * float64(scale)), err == nil && ok
}

// transactionCommand judges BEGIN, COMMIT and their like at their place.
func (c *checker) transactionCommand(s *statement, open bool) {
	what := ""
	switch word := s.fact.Value; {
	case s.unit.Transactional && word != "savepoint" && word != "release":
		what = strings.ToUpper(word) + " inside of the transaction that the runner opens ends or nests it: what follows runs without its protection."
	case word == "begin" && open:
		what = "BEGIN inside of a transaction does nothing but a warning; the first COMMIT ends it."
	case (word == "commit" || word == "rollback") && !open:
		what = strings.ToUpper(word) + " without a BEGIN before it does nothing but a warning."
	default:
		return
	}
	c.find("LK14", s, schema.ID{}, words{"what": what})
}

// endOfUnit judges what a unit leaves open or set, and whether it can be run again.
func (c *checker) endOfUnit(u *Unit, open bool) {
	if len(u.Statements) == 0 {
		return
	}
	if open && !u.Transactional {
		last := &statement{Statement: u.Statements[len(u.Statements)-1], unit: u}
		c.find("LK14", last, schema.ID{}, words{"what": "BEGIN has no COMMIT: everything after it is undone when the connection closes, without an error."})
	}
	if c.file.Managed || u.Transactional || u.OneMessage || u.Batched || len(u.Statements) < 2 {
		return
	}
	for _, s := range c.all {
		if s.unit == u && !s.inTransaction && !repeatable(s.fact) {
			c.find("LK13", s, schema.ID{}, words{"what": headline(s)})
			return
		}
	}
}

// repeatable reports whether a statement succeeds where it was done before.
func repeatable(f sqltext.Fact) bool {
	switch f.Command {
	case sqltext.SetVariable, sqltext.Transaction, sqltext.Vacuum, sqltext.Analyze, sqltext.Reindex, sqltext.Refresh, sqltext.CommentOn, sqltext.Rows,
		sqltext.LockTables, sqltext.RunCode, sqltext.OtherCommand, sqltext.Cluster, sqltext.TruncateTables:
		return true
	case sqltext.AlterTable:
		for _, a := range f.Actions {
			once := a.Do == sqltext.AddColumn && !a.IfNotExists || a.Do == sqltext.DropColumn && !a.IfExists ||
				a.Do == sqltext.AddConstraint || a.Do == sqltext.DropConstraint && !a.IfExists
			if once {
				return false
			}
		}
		return true
	}
	return !f.Known || f.IfExists || f.IfNotExists || f.OrReplace
}

// settings judges SET that holds longer than the migration.
func (c *checker) settings() {
	if c.file.Managed {
		return
	}
	for _, s := range c.all {
		set := s.fact.Setting
		if set == nil || set.Local || set.Reset {
			continue
		}
		if _, left := c.session.values[set.Name]; left && !c.once["LK15 "+set.Name] {
			c.once["LK15 "+set.Name] = true
			c.find("LK15", s, schema.ID{}, words{"name": set.Name})
		}
	}
}
