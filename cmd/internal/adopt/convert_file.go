package adopt

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// migration turns a legacy file into a migration, which is read back from its own text: what cannot be read is an error here.
func (c *converter) migration(f *legacy.File, version string) (*migration.Migration, error) {
	m := &migration.Migration{Version: version, Name: slug(f)}
	for _, u := range f.SQL.Up.Units {
		m.Steps = append(m.Steps, steps(u, len(m.Steps))...)
	}
	if len(m.Steps) == 0 {
		m.Steps = []migration.Step{{Number: 1, Notes: []string{"the legacy file holds no statement"}, Statements: []migration.Statement{{SQL: "SELECT 1"}}}}
	}
	m.Steps[0].Notes = append([]string{c.origin(f)}, m.Steps[0].Notes...)
	for _, a := range f.SQL.Up.Allows {
		m.Allow = append(m.Allow, migration.Allow{Code: a.Code, Reason: a.Reason, Step: stepAt(m, f, a.Statement)})
	}
	if err := lead(m, c.options.SearchPath); err != nil {
		return nil, err
	}
	if f.SQL.HasDown || len(f.SQL.Down.Problems) > 0 {
		if back, ok := c.wayBack(m, f); ok {
			return back, nil
		}
	}
	return readBack(m)
}

// wayBack adds the way back, unless it cannot be carried over, which is noted.
func (c *converter) wayBack(m *migration.Migration, f *legacy.File) (*migration.Migration, bool) {
	why := unfitScript(&f.SQL.Down)
	if why == "" {
		with := *m
		var back *migration.Migration
		var err error
		with.HasDown = true
		if with.Down, err = leadBack(undos(&f.SQL.Down, len(m.Steps)), c.options.SearchPath); err == nil {
			back, err = readBack(&with)
		}
		if err == nil {
			return back, true
		}
		if _, alone := readBack(m); alone != nil {
			return nil, false // the way up is what is wrong, and is said by the caller
		}
		why = said(err)
	}
	c.note("the way back of %s is not converted: %s", f.Path, why)
	return nil, false
}

// readBack reads a migration from its own text, and makes sure that it holds the same statements.
func readBack(m *migration.Migration) (*migration.Migration, error) {
	back, err := migration.Parse(m.File(), migration.Format(m))
	if err != nil {
		return nil, err
	}
	same := len(back.Steps) == len(m.Steps) && slices.Equal(statementsOf(back.Down), statementsOf(m.Down))
	for i := 0; same && i < len(m.Steps); i++ {
		a, b := &m.Steps[i], &back.Steps[i]
		same = a.NoTransaction == b.NoTransaction && slices.EqualFunc(a.Statements, b.Statements, func(x, y migration.Statement) bool { return x.SQL == y.SQL })
	}
	if !same {
		return nil, errors.New("its statements would not read back as they are")
	}
	return back, nil
}

func statementsOf(undos []migration.Undo) (out []string) {
	for _, u := range undos {
		for _, s := range u.Statements {
			out = append(out, s.SQL)
		}
	}
	return out
}

// origin says in the head of a file where it comes from.
func (c *converter) origin(f *legacy.File) string {
	version := f.Version
	if version == "" {
		version = f.Key
	}
	return fmt.Sprintf("from %s, version %s, file %s", c.history.Source.Tool, version, f.Path)
}

// slug is a file name for a legacy migration.
func slug(f *legacy.File) string {
	base := path.Base(f.Path)
	stem := strings.TrimSuffix(base, path.Ext(base))
	for _, name := range []string{f.Name, path.Base(path.Dir(f.Path)) + " " + stem, f.Version, f.Key} {
		if s, err := migration.Slug(name); err == nil {
			return s
		}
	}
	return "migration"
}

// steps are those of a unit: one for what shares a transaction, one for each statement of others.
func steps(u foreign.Unit, before int) (out []migration.Step) {
	if together(u) {
		return []migration.Step{step(before+1, u.Statements, false)}
	}
	for i := range u.Statements {
		out = append(out, step(before+i+1, u.Statements[i:i+1], true))
	}
	return out
}

// step is one step. What may commit by itself runs without transaction where it did.
func step(number int, statements []foreign.Statement, alone bool) migration.Step {
	s := migration.Step{Number: number, Statements: inert(statements)}
	if len(statements) == 1 {
		class := sqltext.Classify(statements[0].SQL)
		s.NoTransaction = !class.Transactional || alone && class.MayCommit
	}
	return s
}

func inert(statements []foreign.Statement) []migration.Statement {
	out := make([]migration.Statement, len(statements))
	for i, s := range statements {
		out[i] = migration.Statement{SQL: migration.Inert(s.SQL)}
	}
	return out
}

// stepAt is the step with the statement at a line of the legacy file; 0 for none.
func stepAt(m *migration.Migration, f *legacy.File, line int) int {
	if line == 0 {
		return 0
	}
	n := 0
	for _, stmt := range f.SQL.Up.Statements() {
		if stmt.Line >= line {
			break
		}
		n++
	}
	for _, s := range m.Steps {
		if n -= len(s.Statements); n < 0 {
			return s.Number
		}
	}
	return 0
}

// undos are the way back as a whole, below the step where there is one alone.
func undos(down *foreign.Script, steps int) []migration.Undo {
	number := 0
	if steps == 1 {
		number = 1
	}
	var out []migration.Undo
	for _, stmt := range inert(down.Statements()) {
		out = append(out, migration.Undo{Step: number, Part: len(out) + 1, Statements: []migration.Statement{stmt}})
	}
	for i := range out {
		out[i].Parts = len(out)
	}
	return out
}
