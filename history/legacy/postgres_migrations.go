package legacy

import (
	"bytes"
	"context"
	"crypto/sha1" // the tool's own algorithm
	"encoding/hex"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
)

// postgresMigrations reads migrations of the npm package postgres-migrations: a row for each file, with a checksum of its name and text.
type postgresMigrations struct{}

func (postgresMigrations) Tool() Tool { return PostgresMigrations }

// Keys is that of its lock, the same everywhere.
func (postgresMigrations) Keys(*Database, *Source) []int64 { return []int64{-8525285245963000605} }

// Find takes tables of its four columns with checksums of its form in them.
func (postgresMigrations) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		common := t.Table == "migrations" && t.Has("name character varying", "hash character varying", "executed_at timestamp without time zone")
		return suspect{tool: PostgresMigrations, common: common, form: postgresMigrationsForm, why: "its columns hash and executed_at, and SHA-1 sums in it"},
			t.Is("id "+integers, "name "+texts, "hash "+texts+"|character", "executed_at "+times)
	})
}

func postgresMigrationsForm(r Row) form {
	_, numbered := r.Int("id")
	switch sum := r.Text("hash"); {
	case sum == "":
		return silent
	case numbered && isHex(sum, 2*sha1.Size):
		return marked
	}
	return alien
}

// isHex reports whether a text is n digits of the base 16 in lower case.
func isHex(text string, n int) bool {
	return len(text) == n && strings.Trim(text, "0123456789abcdef") == ""
}

// Read takes rows by their number; 0 is the tool's own.
func (postgresMigrations) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byInt("id"))
	h.InOrder = true // it wants the numbers of all files to follow each other
	for _, r := range rows {
		n, ok := r.Int("id")
		switch {
		case !ok || n < 0:
			h.cannotRead(r, "id %q", r.Text("id"))
			continue
		case n == 0:
			h.Markers = append(h.Markers, Marker{"postgres-migrations made its table", r.Raw()})
			continue
		}
		e := Entry{Version: strconv.FormatInt(n, 10), Name: r.Text("name"), Checksum: r.Text("hash"), State: Applied, Row: r.Raw()}
		e.AppliedAt, e.Local = r.Time("executed_at")
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// Files takes NUMBER_name.sql and .js.
func (postgresMigrations) Files(d *Dir, h *History) (out []File, err error) {
	all := d.Base(func(base string) bool {
		ext := strings.ToLower(path.Ext(base))
		return digits(base) > 0 && (ext == ".sql" || ext == ".js")
	})
	for _, rel := range h.homeOf(all, func(rel string) string { first, _ := digitsFirst(path.Base(rel)); return plainNumber(first) }) {
		first, rest := digitsFirst(stem(rel))
		f := File{Version: plainNumber(first), Name: strings.TrimLeft(rest, "-_"), Path: rel, Code: "JavaScript"}
		if f.Version == "0" {
			continue
		}
		if f.Text, err = d.Read(rel); err != nil {
			return nil, err
		}
		if strings.EqualFold(path.Ext(rel), ".sql") {
			f.SQL, f.Code = &SQL{}, ""
			if bytes.Contains(f.Text, []byte("-- postgres-migrations disable-transaction")) {
				f.SQL.Up, err = d.oneMessage(rel)
			} else {
				f.SQL.Up, err = d.Whole(rel, foreign.Wrapped)
			}
			if err != nil {
				return nil, err
			}
		}
		out = append(out, f)
	}
	sortByNumber(out)
	return out, nil
}

// Verify makes SHA-1 of the file's name and text. A program's text is what it returns, which cannot be told.
func (postgresMigrations) Verify(e *Entry, f *File, _ *History) (FileState, string) {
	if f.SQL == nil {
		return FileUnverifiable, "the sum is of the SQL that a program makes"
	}
	if e.Checksum == "" {
		return FileUnverifiable, "the row has no hash"
	}
	sum := func(text []byte) string {
		s := sha1.Sum(append([]byte(path.Base(f.Path)), text...)) // the tool's own algorithm
		return hex.EncodeToString(s[:])
	}
	got := sum(f.Text)
	switch {
	case got == e.Checksum:
		return FileVerified, ""
	case sum(bytes.ReplaceAll(f.Text, []byte("\r\n"), []byte("\n"))) == e.Checksum:
		return FileMismatched, "it differs from what ran in its line ends (CRLF, and LF ran), which postgres-migrations counts"
	case sum(bytes.ReplaceAll(f.Text, []byte("\n"), []byte("\r\n"))) == e.Checksum:
		return FileMismatched, "it differs from what ran in its line ends (LF, and CRLF ran), which postgres-migrations counts"
	}
	return FileMismatched, "SHA-1 of its name and text is " + got + ", and " + e.Checksum + " was recorded"
}
