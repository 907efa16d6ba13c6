package legacy

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// flyway reads flyway_schema_history (schema_version before Flyway 5): a log to which rows are only added, one for each run, undoing
// included. What counts follows from all rows of a version together.
type flyway struct{}

func (flyway) Tool() Tool { return Flyway }

// flywayLock is what Flyway adds the hash of its table's name to (PostgreSQLAdvisoryLockTemplate).
const flywayLock = 77431708279161

// Keys is the key that Flyway makes of the table's quoted name, in session and in transaction mode.
func (flyway) Keys(_ *Database, s *Source) []int64 {
	quote := func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
	return []int64{flywayLock + int64(javaHash(quote(s.Schema)+"."+quote(s.Table)))}
}

// javaHash is String.hashCode of Java: over UTF-16, modulo 2^32, signed.
func javaHash(text string) (h int32) {
	for _, unit := range utf16.Encode([]rune(text)) {
		h = 31*h + int32(unit)
	}
	return h
}

// Find takes a table with Flyway's ten columns; Flyway 2 and 3 had version_rank beside them.
func (flyway) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		if !t.Has("installed_rank", "version", "description", "type", "script", "checksum", "installed_by", "installed_on", "execution_time", "success boolean") {
			continue
		}
		s, err := db.source(ctx, t, Flyway, Sure, "its columns installed_rank, script, execution_time and success")
		if err != nil {
			return nil, err
		}
		if t.Column("version_rank") != nil {
			s.Layout = "3"
		}
		out = append(out, s)
	}
	return out, nil
}

// Read takes rows by installed_rank.
func (flyway) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byInt("installed_rank"))
	seen := spelling{}
	for _, r := range rows {
		h.flywayRow(r, seen)
	}
	h.remarkLate()
	h.failedLast(func(e *Entry) Problem {
		return problemf(FailedMigration, e.Key, "look how much of it took effect, end it or take it back by hand, run: flyway repair, and import again",
			"Flyway recorded that %s failed", e.label())
	})
	return nil
}

// flywayRow makes an entry or a marker of a row.
func (h *History) flywayRow(r Row, seen spelling) {
	kind, known := flywayKinds[r.Text("type")]
	success, said := r.Bool("success")
	e := Entry{Version: r.Text("version"), Name: r.Text("description"), By: r.Text("installed_by"), Checksum: r.Text("checksum"), Row: r.Raw()}
	e.AppliedAt, e.Local = r.Time("installed_on")
	if n, ok := r.Int("execution_time"); ok {
		e.Duration = millis(n)
	}
	if e.By == "null" {
		// Flyway writes the word where its own connection did not know its user.
		e.By, e.Note = "", "Flyway did not record who ran it"
	}
	_, number := dotted(e.Version)
	switch {
	case !known:
		h.unknownKind(r, r.Text("type"))
	case kind.state == schemaRow:
		h.Markers = append(h.Markers, Marker{"Flyway made the schema", r.Raw()})
	case !said:
		h.cannotRead(r, "it does not say whether it succeeded")
	case e.Version != "" && !number:
		h.cannotRead(r, "its version %q is none", e.Version)
	case e.Version == "" && (e.Name == "" || kind.state == Baseline || kind.undo):
		h.cannotRead(r, "it has neither a version nor a description that would say what it is about")
	default:
		e.Key = seen.key(e.Version)
		if e.Version == "" {
			e.Key = repeatableKey(e.Name)
		}
		kind.fill(&e, success)
		h.Entries = append(h.Entries, e)
	}
}

// unknownKind keeps a row of a kind that this reader does not know, as a marker and a problem.
func (h *History) unknownKind(r Row, kind string) {
	h.Markers = append(h.Markers, Marker{"not understood: its kind is " + strconv.Quote(kind), r.Raw()})
	h.problem(UnknownKind, "", "look at the row, and set it right or remove it by hand", "a row of %s is of the kind %q, which is not known here: %s", &h.Source, kind, r.Raw())
}

// failedLast adds the problem of each failed entry that is the last word on its migration. Others were made good.
func (h *History) failedLast(problem func(*Entry) Problem) {
	last := map[string]int{}
	for i := range h.Entries {
		last[h.Entries[i].Key] = i
	}
	for i := range h.Entries {
		e := &h.Entries[i]
		switch {
		case e.State != Failed:
		case last[e.Key] == i:
			h.Problems = append(h.Problems, problem(e))
		case e.Note == "":
			e.Note = "it failed, and a later row says what became of it"
		}
	}
}
