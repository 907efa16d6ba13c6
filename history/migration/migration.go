package migration

import (
	"github.com/pleatdb/pleat/schema"
)

// Phase says when a file is safe to run. The zero value is a file that has only one phase.
type Phase string

const (
	// Single is a migration that was not split.
	Single Phase = ""
	// Expand is safe while the old code runs.
	Expand Phase = "expand"
	// Contract is only safe once nothing uses the old shape; it names its expand in [Migration.ContractOf].
	Contract Phase = "contract"
)

// Migration is one file: ordered steps up, and the blocks that undo them.
type Migration struct {
	Version string // UTC timestamp of 14 digits
	Name    string // slug, without version, phase and ending
	Phase   Phase
	// Generated reports whether pleat wrote the file. Such a file knows its scope and uses only qualified names.
	Generated bool
	// ContractOf is the version of the expand that a contract file completes.
	ContractOf string
	// Before and After are fingerprints of Objects before and after the migration; empty in a hand-written file.
	Before, After string
	// Beside are the pending contract files that this migration was planned beside.
	Beside []Beside
	// Objects are all objects the migration touches; nil in a hand-written file, whose reach is not bounded.
	Objects []schema.ID
	// Proven says on what the file was proven, for example "up and down on PostgreSQL 17.6".
	Proven string
	// Rehearsed says how it went on a copy with rows, for example "2026-11-21 on PostgreSQL 15.18 with 1000 rows a table: 3 steps, …".
	Rehearsed string
	// ForwardOnly is the reason why the migration cannot be undone, where its author gave one.
	ForwardOnly string
	// Destructive lists what running the migration destroys, one sentence each.
	Destructive []string
	// Allow lists findings of the linter that the author accepts.
	Allow []Allow
	// Steps are numbered from 1 without gaps.
	Steps []Step
	// Down is the way back in the order in which it runs: the last step's undo first.
	Down []Undo
	// HasDown reports whether the file has a down section. With one, a step without an undo needs none.
	HasDown bool
}

// Allow accepts one finding of the linter. Which statement below Line it is about, if it is about one, is for the reader of
// the file's text to say (history/foreign).
type Allow struct {
	Code, Reason string
	Step         int // 0 for the whole file
	Line         int // 1-based; 0 when not read from a file
}

// Step is the unit of execution: one transaction, or one statement that cannot run in one.
type Step struct {
	Number int
	Title  string
	// Notes are comment lines for the reader, without the leading dashes.
	Notes []string
	// NoTransaction is set when the only statement of the step must run outside of a transaction.
	NoTransaction bool
	// Wrapped is set when the file has BEGIN and COMMIT around the statements; the step's own transaction takes their place.
	Wrapped    bool
	Checks     []Check
	Batch      *Batch
	Statements []Statement
	Line       int
}

// Check is a preflight assertion: the query must return no row.
type Check struct {
	Message string
	Query   Statement
}

// Batch asks for the only statement of a step, an UPDATE or DELETE, to run in batches by key.
type Batch struct {
	// Table is the statement's target as SQL writes it, such as public."my orders".
	Table string
	// Key are the columns to go by; none leaves the choice to the applier.
	Key []string
	// Size is how many rows the first batch has; 0 leaves it to the applier.
	Size int
	Line int
}

// Scope is the fingerprint of a migration's objects before and after it.
type Scope struct{ Before, After string }

// Beside says that a migration was planned while a contract file was pending that touches the same objects, so that either
// may go first.
type Beside struct {
	// Contract is the version of the contract file.
	Contract string
	// First is the scope of this migration when the contract was applied before it.
	First Scope
	// Then is the scope of the contract when this migration was applied before it.
	Then Scope
}

// Undo is one part of the way back: one transaction, or one statement that cannot run in one.
type Undo struct {
	// Step is the step that this undoes; 0 when the file's way back is not divided by step.
	Step int
	// Part and Parts number the parts of one step's way back, from 1.
	Part, Parts   int
	NoTransaction bool
	// Loses lists what cannot be brought back once this ran.
	Loses      []string
	Statements []Statement
	Line       int
}

// empty reports whether there is nothing to run and nothing to lose: such an undo is not written.
func (u *Undo) empty() bool { return len(u.Statements) == 0 && len(u.Loses) == 0 }

// Statement is one SQL statement without its semicolon.
type Statement struct {
	SQL string
	// Line and Column say where it starts in the file, from 1 and in characters; zero when not read from a file.
	Line, Column int
}

// File is the base name that the migration's file must have.
func (m *Migration) File() string {
	suffix := ".sql"
	if m.Phase != Single {
		suffix = "." + string(m.Phase) + suffix
	}
	return m.Version + "_" + m.Name + suffix
}

// Reversible reports whether the migration can be undone, and if not, why.
func (m *Migration) Reversible() (ok bool, why string) {
	switch {
	case m.ForwardOnly != "":
		return false, m.ForwardOnly
	case !m.HasDown:
		return false, "the file has no way back (no \"-- pleat: down\" section)"
	}
	return true, ""
}

// BesideOf finds what the migration says about a contract file that was pending when it was planned; nil when nothing.
func (m *Migration) BesideOf(contract string) *Beside {
	for i := range m.Beside {
		if m.Beside[i].Contract == contract {
			return &m.Beside[i]
		}
	}
	return nil
}

// Bounded reports whether the migration's reach is known: the objects it touches and their fingerprints.
func (m *Migration) Bounded() bool { return m.Before != "" && m.After != "" }

// UndoOf lists the parts that undo the steps up to and including done, in the order in which they run.
// It reports false when the file's way back is not divided by step and only a part of the steps was done.
func (m *Migration) UndoOf(done int) ([]Undo, bool) {
	var out []Undo
	for _, u := range m.Down {
		if u.Step == 0 && done < len(m.Steps) {
			return nil, false
		}
		if u.Step <= done {
			out = append(out, u)
		}
	}
	return out, true
}

// Locate turns a position inside the statement, counted in characters from 1 as PostgreSQL
// reports it, into a line and column of the file, with the text of the statement's line there.
func (s Statement) Locate(position int) (line, column int, source string) {
	line, column = s.Line, s.Column
	start := 0
	runes := []rune(s.SQL)
	for i := 0; i < len(runes) && i < position-1; i++ {
		column++
		if runes[i] == '\n' {
			line, column, start = line+1, 1, i+1
		}
	}
	end := start
	for end < len(runes) && runes[end] != '\n' {
		end++
	}
	source = string(runes[start:end])
	if start == 0 && s.Column > 1 {
		// The caller draws the caret under the column, so what stands before the statement on its line is blank.
		source = blanks(s.Column-1) + source
	}
	return line, column, source
}

func blanks(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = ' '
	}
	return string(b)
}
