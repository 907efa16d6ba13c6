package legacy

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
)

// goose reads goose_db_version of goose (from the liamstask line to v3): a row per migration, deleted when it is taken back; the old line
// added a row with is_applied = false instead.
type goose struct{ codeOnly }

func (goose) Tool() Tool { return Goose }

// gooseLocker are the keys of goose's session locker (lock.DefaultLockID, crc32 of "goose"); its command line takes no lock.
const gooseLocker = 4097083626

// Keys is that of the library's session locker.
func (goose) Keys(*Database, *Source) []int64 { return []int64{gooseLocker} }

// Find takes a table of exactly goose's four columns, which no other tool has.
func (goose) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		if !t.Is("id "+integers, "version_id "+integers, "is_applied boolean", "tstamp "+times) {
			continue
		}
		s, err := db.source(ctx, t, Goose, Sure, "its columns version_id, is_applied and tstamp")
		if err != nil {
			return nil, err
		}
		if lock := db.Lookup(t.Schema, "goose_lock"); lock != nil && lock.Has("lock_id", "locked", "lease_expires_at") {
			s.Beside = append(s.Beside, lock.Name)
		}
		out = append(out, s)
	}
	return out, nil
}

// Read takes rows by their ID. The row of version 0 only says that the table was made.
func (goose) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byInt("id"))
	for _, r := range rows {
		v, ok := r.Int("version_id")
		applied, said := r.Bool("is_applied")
		switch {
		case !ok || v < 0 || !said:
			h.cannotRead(r, "version_id %q, is_applied %q", r.Text("version_id"), r.Text("is_applied"))
			continue
		case v == 0:
			h.Markers = append(h.Markers, Marker{"goose made its table", r.Raw()})
			continue
		}
		e := Entry{Version: strconv.FormatInt(v, 10), State: Applied, Row: r.Raw()}
		e.AppliedAt, e.Local = r.Time("tstamp")
		if !applied {
			e.State = Undone
		}
		h.Entries = append(h.Entries, e)
	}
	h.expectOrder(compareNumbers) // -allow-missing
	return q.gooseLocked(ctx, h)
}

// gooseLocked looks at the lease of the library's table locker.
func (q *Reader) gooseLocked(ctx context.Context, h *History) error {
	for _, name := range q.Source.Beside {
		rows, err := q.RowsOf(ctx, name.Schema, name.Table)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if locked, _ := r.Bool("locked"); locked {
				h.running("goose holds its lock in %s (%s, lease until %s)", name.SQL(), r.Text("locked_by"), r.Text("lease_expires_at"))
			}
		}
	}
	return nil
}

// gooseFile splits 1_name.sql and 1_name.go.
func gooseFile(rel string) (version, name string, ok bool) {
	base := path.Base(rel)
	ext := path.Ext(base)
	first, name, ok := strings.Cut(base, "_")
	n, err := strconv.ParseInt(first, 10, 64)
	ok = ok && allDigits(first) && err == nil && n >= 1 && (ext == ".sql" || ext == ".go") && !strings.HasSuffix(base, "_test.go")
	return strconv.FormatInt(n, 10), strings.TrimSuffix(name, ext), ok
}

// provesGoose reports whether a file is goose's beyond doubt.
func provesGoose(rel string, text []byte) bool {
	if path.Ext(rel) == ".go" {
		return bytes.Contains(text, []byte("goose.Add")) || bytes.Contains(text, []byte("goose.New"))
	}
	return marksOf("+goose ")(rel, text)
}

// Files takes NUMBER_name.sql and NUMBER_name.go of a directory in which some are goose's beyond doubt.
func (goose) Files(d *Dir, h *History) (out []File, err error) {
	all := d.besides(slices.DeleteFunc(slices.Clone(d.Paths), func(p string) bool { _, _, ok := gooseFile(p); return !ok }), provesGoose)
	for _, rel := range h.homeOf(all, func(rel string) string { version, _, _ := gooseFile(rel); return version }) {
		f := File{Path: rel, Code: "Go"}
		if path.Ext(rel) == ".sql" {
			f, err = d.markedFile(rel, foreign.Goose)
		} else {
			f.Text, err = d.Read(rel)
		}
		if err != nil {
			return nil, err
		}
		f.Version, f.Name, _ = gooseFile(rel)
		out = append(out, f)
	}
	sortByNumber(out)
	return out, nil
}
