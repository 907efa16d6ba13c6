package foreign

import (
	"errors"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/migration"
)

func isPleat(l *listing) bool { return l.has(migration.SumFile) || l.marks(Pleat) }

// readPleat reads pleat's own files.
func readPleat(l *listing) (out []File) {
	for _, rel := range l.top() {
		version, name, _, err := migration.ParseName(rel)
		switch {
		case err != nil && !l.alone():
			reason := err.Error()
			var e *migration.NameError
			if errors.As(err, &e) {
				reason = e.Reason + "; " + e.Hint
			}
			l.skip(rel, reason)
		case l.wanted(rel):
			// A text that stands alone may have any name.
			called := rel
			if err != nil {
				called = "00010101000000_text.sql"
			}
			out = append(out, l.pleat(rel, called, version, name))
		}
	}
	slices.SortStableFunc(out, func(a, b File) int { return strings.Compare(a.Version, b.Version) })
	return out
}

func (l *listing) pleat(rel, called, version, name string) File {
	s := l.script(rel)
	f := File{Path: s.out.Path, Version: version, Name: name, Tool: Pleat, Kind: Versioned}
	if !s.broken {
		m, err := migration.Parse(called, []byte(s.text))
		if err != nil {
			s.syntax(err)
		} else {
			f.fill(m, s)
		}
	}
	f.Up = s.done()
	return f
}

// syntax takes over what the reader of pleat's files found.
func (s *script) syntax(err error) {
	var list migration.SyntaxErrors
	if !errors.As(err, &list) {
		s.problem(0, 0, err.Error(), "")
		return
	}
	for _, e := range list {
		s.problem(e.Line, e.Column, e.Summary, e.Hint)
	}
}

func (f *File) fill(m *migration.Migration, s *script) {
	f.Phase = string(m.Phase)
	for i := range m.Steps {
		step := &m.Steps[i]
		s.out.Units = append(s.out.Units, Unit{
			Transactional: !step.NoTransaction && step.Batch == nil, Step: step.Number, Batched: step.Batch != nil,
			Statements: statementsOf(step.Statements),
		})
	}
	f.HasDown = m.HasDown
	f.Down = Script{Path: s.out.Path, Text: s.out.Text}
	for _, u := range m.Down {
		if len(u.Statements) > 0 {
			f.Down.Units = append(f.Down.Units, Unit{Transactional: !u.NoTransaction, Step: u.Step, Statements: statementsOf(u.Statements)})
		}
	}
	all := slices.Concat(s.out.Statements(), f.Down.Statements())
	for _, a := range m.Allow {
		s.out.Allows = append(s.out.Allows, s.reach(a, all))
	}
}

func statementsOf(list []migration.Statement) []Statement {
	out := make([]Statement, len(list))
	for i, s := range list {
		out[i] = Statement{SQL: s.SQL, Line: s.Line, Column: s.Column}
	}
	return out
}

// reach finds out what an allow line is about: its step where it stands above the first statement of one, the statement
// directly below it, or else the file.
func (s *script) reach(a migration.Allow, stmts []Statement) Allow {
	out := Allow{Code: a.Code, Reason: a.Reason, Line: a.Line, Step: a.Step}
	lines := strings.Split(s.text, "\n")
	for _, stmt := range stmts {
		if stmt.Line <= a.Line {
			continue
		}
		near := !slices.ContainsFunc(lines[a.Line-1:stmt.Line-1], func(l string) bool {
			return !strings.HasPrefix(strings.TrimSpace(l), "--")
		})
		if near && (a.Step == 0 || !s.firstOf(a.Step, stmt)) {
			out.Step, out.Statement = 0, stmt.Line
		}
		break
	}
	return out
}

func (s *script) firstOf(step int, stmt Statement) bool {
	return slices.ContainsFunc(s.out.Units, func(u Unit) bool {
		return u.Step == step && len(u.Statements) > 0 && u.Statements[0].Line == stmt.Line
	})
}
