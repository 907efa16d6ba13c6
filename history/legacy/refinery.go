package legacy

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
)

// refinery reads refinery_schema_history of refinery for Rust: a row per migration, none of them ever taken back. A failed migration leaves
// no row.
type refinery struct{ unlocked }

func (refinery) Tool() Tool { return Refinery }

// Find takes a table of the four columns, of which the time is text.
func (refinery) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		const text = " character varying|text"
		if !t.Is("version integer|bigint", "name"+text, "applied_on"+text, "checksum"+text) {
			continue
		}
		s, err := db.source(ctx, t, Refinery, Sure, "its columns name, applied_on and checksum, all of them text")
		if err != nil {
			return nil, err
		}
		if t.Table != "refinery_schema_history" {
			if s.Strength, err = db.refineryRows(ctx, t); err != nil {
				return nil, err
			}
		}
		if t.Has("version bigint") {
			s.Layout = "int8-versions"
		}
		out = append(out, s)
	}
	return out, nil
}

// refineryRows judges a table of another name by its rows: times as RFC 3339 and checksums of 64 bits.
func (db *Database) refineryRows(ctx context.Context, t *Table) (Strength, error) {
	rows, err := db.Sample(ctx, t, formRows)
	if err != nil {
		return Possible, err
	}
	fits := everyRow(rows, func(r Row) bool {
		at, _ := r.Time("applied_on")
		_, err := strconv.ParseUint(r.Text("checksum"), 10, 64)
		return !at.IsZero() && err == nil
	})
	if fits {
		return Sure, nil
	}
	return Possible, nil
}

// Read takes rows by version.
func (refinery) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byInt("version"))
	for _, r := range rows {
		e := Entry{Version: r.Text("version"), Name: r.Text("name"), Checksum: r.Text("checksum"), State: Applied, Row: r.Raw()}
		if e.Version == "" {
			h.cannotRead(r, "it has no version")
			continue
		}
		e.AppliedAt, e.Local = r.Time("applied_on")
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// Files takes V1__name.sql and U1__name.sql, and .rs, of all directories. A V file below the newest version is one that refinery passes over; a U file it runs.
func (refinery) Files(d *Dir, h *History) (out []File, err error) {
	for _, rel := range d.Base(func(base string) bool { _, ok := refineryName(base); return ok }) {
		f, _ := refineryName(path.Base(rel))
		f.Path = rel
		if f.Text, err = d.Read(rel); err != nil {
			return nil, err
		}
		if path.Ext(rel) == ".sql" {
			f.Code, f.SQL = "", &SQL{}
			if f.SQL.Up, err = d.Whole(rel, foreign.Automatic); err != nil {
				return nil, err
			}
		}
		out = append(out, f)
	}
	sortByNumber(out)
	present, newest := map[string]bool{}, ""
	for i := range h.Entries {
		present[h.Entries[i].Version], newest = true, h.Entries[i].Version
	}
	for i := range out {
		f := &out[i]
		if f.Key = f.Version; !present[f.Key] && strings.HasPrefix(path.Base(f.Path), "V") && newest != "" && compareNumbers(f.Version, newest) < 0 {
			h.gap(f, newest)
		}
	}
	return out, nil
}

// refineryName takes V1__create_users.sql apart.
func refineryName(base string) (f File, ok bool) {
	ext := path.Ext(base)
	stem := strings.TrimSuffix(base, ext)
	if stem == "" || !strings.Contains("VU", stem[:1]) || ext != ".sql" && ext != ".rs" {
		return f, false
	}
	version, name, ok := strings.Cut(stem[1:], "__")
	return File{Version: plainNumber(version), Name: name, Code: "Rust"}, ok && allDigits(version) && name != ""
}

// Verify hashes name, version and text as refinery does.
func (refinery) Verify(e *Entry, f *File, _ *History) (FileState, string) {
	switch {
	case e.Checksum == "":
		return FileUnverifiable, "refinery recorded no checksum"
	case f.SQL == nil:
		return FileUnverifiable, "it is a Rust program that writes the SQL of which the checksum is"
	}
	name := e.Name
	if name == "" {
		name = f.Name
	}
	version, _ := strconv.ParseInt(e.Version, 10, 64)
	first := ""
	for _, wide := range []bool{false, true} {
		got := refinerySum(name, version, f.Text, wide)
		if got == e.Checksum {
			return FileVerified, ""
		}
		if first == "" || wide && len(e.Version) > 9 {
			first = got
		}
	}
	return FileMismatched, fmt.Sprintf("refinery recorded the checksum %s, the file has %s%s", e.Checksum, first, otherEnds(f.Text, func(text []byte) bool {
		return refinerySum(name, version, text, false) == e.Checksum || refinerySum(name, version, text, true) == e.Checksum
	}))
}

// refinerySum is the hash that Rust's Hash gives the name, the version (of 32 or of 64 bits) and the text.
func refinerySum(name string, version int64, text []byte, wide bool) string {
	var b bytes.Buffer
	b.WriteString(name)
	b.WriteByte(0xff)
	number := binary.LittleEndian.AppendUint64(nil, uint64(version))
	if !wide {
		number = number[:4]
	}
	b.Write(number)
	b.Write(text)
	b.WriteByte(0xff)
	return strconv.FormatUint(sipHash13(b.Bytes()), 10)
}
