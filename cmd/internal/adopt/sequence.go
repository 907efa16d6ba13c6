package adopt

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// ran is a file that is in effect. A nil file is one that is not there.
type ran struct {
	key  string
	file *legacy.File
	// changed is set for a script that runs again because its text is another one now.
	changed bool
	// gone says in words what is missing where file is nil.
	gone string
}

// sequence lists the files in effect in the order in which they ran: what is run once, then what is repeated, each once. Files below a
// baseline stand for it where no file of its own does.
func sequence(h *legacy.History) []ran {
	files := byKey(h.Files)
	var once, repeated []ran
	for i := range h.Entries {
		e := &h.Entries[i]
		if !e.InEffect {
			continue
		}
		f := files[e.Key]
		switch {
		case e.State == legacy.Baseline:
			once = append(once, baseline(h, e, f)...)
		case unrun(e):
		case f == nil:
			once = append(once, ran{key: e.Key, gone: fmt.Sprintf("the file of %s is missing", label(e))})
		case trails(h, f):
			repeated = append(repeated, ran{key: e.Key, file: f, changed: e.File.State == legacy.FileMismatched})
		default:
			once = append(once, ran{key: e.Key, file: f, changed: f.Repeatable && e.File.State == legacy.FileMismatched})
		}
	}
	return append(once, repeated...)
}

// trails reports whether a file that runs again runs after all others. Liquibase runs its changesets where they stand.
func trails(h *legacy.History, f *legacy.File) bool {
	return f.Repeatable && h.Source.Tool != legacy.Liquibase
}

// unrun reports whether an entry was recorded without its statements having run: Liquibase's MARK_RAN, for a precondition that did not hold.
func unrun(e *legacy.Entry) bool {
	var row struct {
		Kind string `json:"exectype"`
	}
	return len(e.Row) > 0 && json.Unmarshal(e.Row, &row) == nil && row.Kind == "MARK_RAN"
}

// inFileOrder is a sequence in the order of the directory, as a new database would see it.
func inFileOrder(h *legacy.History, list []ran) []ran {
	at := map[*legacy.File]int{}
	for i := range h.Files {
		at[&h.Files[i]] = i
	}
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b ran) int { return at[a.file] - at[b.file] })
	return out
}

// baseline is what stands for the versions up to a baseline.
func baseline(h *legacy.History, e *legacy.Entry, own *legacy.File) []ran {
	if own != nil && cumulative(h, own) {
		return []ran{{key: e.Key, file: own}}
	}
	var out []ran
	for i := range h.Files {
		f := &h.Files[i]
		if own != nil && f.Key == own.Key {
			return append(out, ran{key: e.Key, file: own})
		}
		if f.Settled != "" && !f.Repeatable {
			out = append(out, ran{key: f.Key, file: f})
		}
	}
	if len(out) == 0 {
		out = []ran{{key: e.Key, gone: fmt.Sprintf("no file says what was there at the baseline %s", label(e))}}
	}
	return out
}

// cumulative reports whether a file stands for all that come before it, as Flyway's B files do.
func cumulative(h *legacy.History, f *legacy.File) bool {
	return h.Source.Tool == legacy.Flyway && strings.HasPrefix(path.Base(f.Path), "B")
}

// byKey finds files; of two with one key it is the first.
func byKey(files []legacy.File) map[string]*legacy.File {
	out := make(map[string]*legacy.File, len(files))
	for i := range files {
		if f := &files[i]; out[f.Key] == nil {
			out[f.Key] = f
		}
	}
	return out
}

// label names an entry for people.
func label(e *legacy.Entry) string {
	switch {
	case e.Version == "":
		return e.Key
	case e.Name == "" || e.Name == e.Version:
		return e.Version
	}
	return e.Version + " " + e.Name
}

// unfit says why a file cannot be run as plain SQL; empty where it can.
func unfit(f *legacy.File) string {
	if f.SQL == nil {
		return "it is " + program(f.Code)
	}
	return unfitScript(&f.SQL.Up)
}

// program names what is no SQL: a language, or already a description.
func program(code string) string {
	switch {
	case code == "":
		return "a program"
	case strings.HasPrefix(code, "a "):
		return code
	}
	return "a program in " + code
}

// unfitScript says what stands in the way of one direction.
func unfitScript(s *foreign.Script) string {
	if len(s.Problems) > 0 {
		p := s.Problems[0]
		if p.Line == 0 {
			return p.Summary
		}
		return fmt.Sprintf("line %d: %s", p.Line, p.Summary)
	}
	if len(s.Placeholders) > 0 {
		return fmt.Sprintf("it holds the placeholder ${%s}, whose value the file does not say", s.Placeholders[0])
	}
	for _, stmt := range s.Statements() {
		if sqltext.Classify(stmt.SQL).TransactionControl {
			return fmt.Sprintf("line %d: it ends or divides transactions in a way that only a session of its own can follow", stmt.Line)
		}
	}
	return ""
}
