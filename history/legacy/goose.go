package legacy

import (
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
		if !t.Is("id integer|bigint", "version_id bigint", "is_applied boolean", "tstamp timestamp without time zone|timestamp with time zone") {
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
		if v, ok := r.Int("version_id"); ok && v == 0 {
			h.Markers = append(h.Markers, Marker{"goose made its table", r.Raw()})
			continue
		}
		e := Entry{Version: r.Text("version_id"), State: Applied, Row: r.Raw()}
		e.AppliedAt, e.Local = r.Time("tstamp")
		if applied, ok := r.Bool("is_applied"); ok && !applied {
			e.State = Undone
		}
		h.Entries = append(h.Entries, e)
	}
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

// Files takes NUMBER_name.sql with goose's markers, and NUMBER_name.go.
func (goose) Files(d *Dir, h *History) (out []File, err error) {
	for _, rel := range d.Paths {
		base := path.Base(rel)
		digits, name, ok := strings.Cut(base, "_")
		n, number := strconv.ParseInt(digits, 10, 64)
		ext := path.Ext(base)
		if !ok || number != nil || n < 1 || ext != ".sql" && ext != ".go" || strings.HasSuffix(base, "_test.go") {
			continue
		}
		f := File{Version: strconv.FormatInt(n, 10), Name: strings.TrimSuffix(name, ext), Path: rel, Code: "Go"}
		if f.Text, err = d.Read(rel); err != nil {
			return nil, err
		}
		if ext == ".sql" {
			m, err := d.Marked(rel, foreign.Goose)
			if err != nil {
				return nil, err
			}
			f.SQL = &SQL{m.Up, m.Down, m.HasDown}
		}
		out = append(out, f)
	}
	sortByNumber(out)
	return out, nil
}
