package legacy

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// drizzle reads __drizzle_migrations: a row per migration with the hash of its file and the time at which the file was generated, since
// v1 also with its name and the time at which it ran.
type drizzle struct{ unlocked }

func (drizzle) Tool() Tool { return Drizzle }

// drizzleNamed is the layout with names, of v1.
const drizzleNamed = "v1"

// Find goes by the columns together with the usual name, or with rows of Drizzle's form: a SHA-256 and a time in milliseconds.
func (drizzle) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		if !t.Within([]string{"id integer|bigint|smallint", "hash text|character varying", "created_at bigint|numeric"},
			[]string{"name text|character varying", "applied_at timestamp with time zone|timestamp without time zone"}) {
			continue
		}
		rows, err := db.Sample(ctx, t, 20)
		if err != nil {
			return nil, err
		}
		strength, why := Possible, "its columns hash and created_at"
		switch named := strings.Contains(t.Table, "drizzle") || strings.Contains(t.Schema, "drizzle"); {
		case named:
			strength, why = Sure, why+", and its name"
		case everyRow(rows, drizzleRow):
			strength, why = Likely, why+", with a SHA-256 and a time in milliseconds in each row"
		}
		s, err := db.source(ctx, t, Drizzle, strength, why)
		if err != nil {
			return nil, err
		}
		if t.Has("name", "applied_at") {
			s.Layout = drizzleNamed
		}
		s.OwnSchema = t.Schema == "drizzle" && !slices.ContainsFunc(db.Tables, func(o Table) bool { return o.Schema == t.Schema && o.Table != t.Table })
		out = append(out, s)
	}
	return out, nil
}

func drizzleRow(r Row) bool {
	at, ok := r.Int("created_at")
	return isSHA256(r.Text("hash")) && ok && at > 1_500_000_000_000 && at < 100_000_000_000_000
}

// isSHA256 reports whether a text is a SHA-256 in hexadecimal.
func isSHA256(text string) bool {
	return len(text) == 64 && strings.Trim(text, "0123456789abcdef") == ""
}

// Read takes rows by their ID. Which migration a row is about is known from the files, or from its name.
func (drizzle) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byInt("id"))
	for _, r := range rows {
		e := Entry{Key: r.Text("name"), Name: r.Text("name"), Checksum: r.Text("hash"), State: Applied, Row: r.Raw()}
		generated := r.Text("created_at")
		switch {
		case e.Key != "":
			e.Version, e.Name = versionAndName(e.Key)
		case generated != "":
			e.Key, e.Version = generated, generated
		case e.Checksum != "":
			e.Key, e.Version = e.Checksum, e.Checksum
		default:
			h.cannotRead(r, "it has neither a name, nor a time, nor a hash")
			continue
		}
		e.AppliedAt, e.Local = r.Time("applied_at")
		if e.AppliedAt.IsZero() {
			e.Note = "the row does not say when it ran" + generatedAt(r)
		}
		h.Entries = append(h.Entries, e)
	}
	return nil
}

func generatedAt(r Row) string {
	ms, ok := r.Int("created_at")
	if !ok {
		return ""
	}
	return ", the file was generated at " + moment(ms)
}

// moment writes milliseconds as a time.
func moment(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.999Z07:00") }

// Verify compares the hash of the whole text, in which line ends count.
func (drizzle) Verify(e *Entry, f *File, _ *History) (FileState, string) {
	if e.Checksum == "" {
		return FileUnverifiable, "Drizzle recorded no hash"
	}
	sum := sha256Hex(f.Text)
	if sum == e.Checksum {
		return FileVerified, ""
	}
	reason := fmt.Sprintf("Drizzle recorded %s, the file has %s", e.Checksum, sum)
	for _, other := range otherLineEnds(f.Text) {
		if sha256Hex(other) == e.Checksum {
			reason += "; only its line ends differ, which count for Drizzle"
		}
	}
	return FileMismatched, reason
}

// otherLineEnds are a text with LF and with CRLF line ends.
func otherLineEnds(text []byte) [][]byte {
	lf := strings.ReplaceAll(string(text), "\r\n", "\n")
	return [][]byte{[]byte(lf), []byte(strings.ReplaceAll(lf, "\n", "\r\n"))}
}

// drizzleGaps finds what the migrator would pass over without a word: it runs only what was generated after the newest row. v1 goes by
// names instead, and runs whatever has no row.
func (h *History) drizzleGaps(files []File) {
	if h.Source.Layout == drizzleNamed {
		return
	}
	newest := int64(0)
	for i := range h.Entries {
		var row struct {
			At *int64 `json:"created_at"`
		}
		if rowInto(h.Entries[i].Row, &row) && row.At != nil {
			newest = max(newest, *row.At)
		}
	}
	recorded := h.recorded()
	for i := range files {
		f := &files[i]
		if when := f.Extra.(drizzleFile).when; newest > 0 && when <= newest && !recorded[f.Key] {
			h.problem(Gap, f.Key, "look whether its effect is in the database; --accept gap:"+f.Key+" --reason … makes it a pending migration of pleat, and without the file nothing is left to run",
				"%s has no row, and %s will never run it, without saying so: it was generated at %s, before what the newest row is about (%s)",
				f.Path, drizzleOf(f), moment(when), moment(newest))
		}
	}
}

// drizzleOf names the tool that passes over a file. A table without names beside files in folders is one that v1 has not seen yet: 1.0.0-rc.4
// writes the names into it first, and then runs every file whose name is not among them. One that does not goes by time.
func drizzleOf(f *File) string {
	if path.Base(f.Path) == "migration.sql" {
		return "a Drizzle that does not write names into its table first (the release candidates of v1 do, and run the file)"
	}
	return "Drizzle"
}
