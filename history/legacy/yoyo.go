package legacy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// yoyo reads the tables of yoyo-migrations: _yoyo_migration with what is applied, and since version 6 _yoyo_log with everything that happened.
type yoyo struct{ unlocked }

func (yoyo) Tool() Tool { return Yoyo }

// The usual names; only the first can be changed.
const (
	yoyoTable = "_yoyo_migration"
	yoyoLog   = "_yoyo_log"
	yoyoLock  = "yoyo_lock"
)

// Find takes the tables of both layouts. The first one (id, ctime) says little: there must be the name, or the lock table beside it.
func (yoyo) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		if !t.Is("migration_hash", "migration_id", "applied_at_utc "+times) {
			continue
		}
		s, err := db.source(ctx, t, Yoyo, Sure, "its columns migration_hash, migration_id and applied_at_utc")
		if err != nil {
			return nil, err
		}
		s.Layout = "2"
		out = append(out, s)
	}
	first, err := db.weigh(ctx, func(t *Table) (suspect, bool) {
		lock := db.Lookup(t.Schema, yoyoLock)
		return suspect{
			tool: Yoyo, layout: "1", usual: strings.HasPrefix(t.Table, yoyoTable) || lock != nil && lock.Has("locked", "ctime", "pid"),
			form: func(Row) form { return alien }, why: "its columns id and ctime, and its name or the table yoyo_lock beside it",
		}, t.Is("id character varying|text", "ctime "+times) && slices.Equal(t.Key, []string{"id"})
	})
	out = append(out, first...)
	for i := range out {
		out[i].Beside = db.yoyoBeside(&out[i])
	}
	return out, err
}

func (db *Database) yoyoBeside(s *Source) (out []Name) {
	for name, columns := range map[string][]string{
		yoyoLog: {"migration_hash", "migration_id", "operation"}, yoyoLock: {"locked", "pid"}, "_yoyo_version": {"version", "installed_at_utc"},
	} {
		if t := db.Lookup(s.Schema, name); t != nil && t.Has(columns...) {
			out = append(out, t.Name)
		}
	}
	slices.SortFunc(out, func(a, b Name) int { return strings.Compare(a.Table, b.Table) })
	return out
}

// Read takes the log, where there is one, and completes it by what is applied.
func (yoyo) Read(ctx context.Context, q *Reader, h *History) error {
	if err := q.yoyoLocked(ctx, h); err != nil || len(h.Problems) > 0 {
		return err
	}
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	if q.Source.Layout == "1" {
		h.yoyoFirst(rows)
		return nil
	}
	log, err := q.yoyoEvents(ctx)
	if err != nil {
		return err
	}
	for _, r := range log {
		h.yoyoEvent(r)
	}
	slices.SortStableFunc(rows, each(byTime("applied_at_utc"), byText("migration_id")))
	h.yoyoComplete(rows)
	return nil
}

// yoyoLocked looks at the row that yoyo keeps while it runs.
func (q *Reader) yoyoLocked(ctx context.Context, h *History) error {
	if t := q.Database.Lookup(q.Source.Schema, yoyoLock); t == nil || !t.Has("locked", "pid") {
		return nil
	}
	rows, err := q.RowsOf(ctx, q.Source.Schema, yoyoLock)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.Text("locked") == "0" {
			continue
		}
		since := ""
		if at, _ := r.Time("ctime"); !at.IsZero() {
			since = " since " + at.Format(time.DateTime) + " UTC"
		}
		h.problem(ToolRunning, "", "let it end; where it is dead, release its lock with: yoyo break-lock", "yoyo holds its lock in %s (process %s%s)",
			Name{q.Source.Schema, yoyoLock}.SQL(), r.Text("pid"), since)
	}
	return nil
}

// yoyoEvents reads the log in its order.
func (q *Reader) yoyoEvents(ctx context.Context) ([]Row, error) {
	if t := q.Database.Lookup(q.Source.Schema, yoyoLog); t == nil || !t.Has("migration_id", "operation", "created_at_utc") {
		return nil, nil
	}
	rows, err := q.RowsOf(ctx, q.Source.Schema, yoyoLog)
	slices.SortStableFunc(rows, byTime("created_at_utc"))
	return rows, err
}

// yoyoEvent makes an entry of a row of the log.
func (h *History) yoyoEvent(r Row) {
	e := Entry{Key: r.Text("migration_id"), Checksum: r.Text("migration_hash"), By: r.Text("username"), Row: r.Raw()}
	e.Name = e.Key
	e.AppliedAt, _ = r.Time("created_at_utc")
	if host := r.Text("hostname"); host != "" && e.By != "" {
		e.By += "@" + host
	}
	switch r.Text("operation") {
	case "apply":
		e.State = Applied
	case "mark":
		e.State, e.Note = Applied, "marked as applied, not run"
	case "rollback":
		e.State = Undone
	case "unmark":
		e.State, e.Note = Undone, "marked as not applied, nothing was run"
	default:
		h.Markers = append(h.Markers, Marker{"of a kind that is not known", r.Raw()})
		h.problem(UnknownKind, e.Key, "look at the row: nothing of yoyo up to version 9 writes it", "the log has an operation %q for %s", r.Text("operation"), e.Key)
		return
	}
	if e.Key == "" {
		h.cannotRead(r, "the log names no migration")
		return
	}
	h.Entries = append(h.Entries, e)
}

// yoyoComplete holds the log against what is applied, which counts. Rows from before the log have no event.
func (h *History) yoyoComplete(rows []Row) {
	last := map[string]int{}
	for i := range h.Entries {
		last[h.Entries[i].Key] = i
	}
	present := map[string]bool{}
	var early []Entry
	for _, r := range rows {
		id := r.Text("migration_id")
		if id == "" {
			h.cannotRead(r, "it names no migration")
			continue
		}
		present[id] = true
		at, known := last[id]
		if known && h.Entries[at].State == Applied {
			continue
		}
		e := Entry{Key: id, Name: id, Checksum: r.Text("migration_hash"), State: Applied, Row: r.Raw(), Note: "the log has no event of it"}
		e.AppliedAt, _ = r.Time("applied_at_utc")
		if known {
			h.Entries = append(h.Entries, e)
		} else {
			early = append(early, e)
		}
	}
	for id, i := range last {
		if e := &h.Entries[i]; e.State == Applied && !present[id] {
			e.State = Undone
			e.Note = "the log says that it was applied, and its row in " + h.Source.String() + " is gone"
		}
	}
	h.Entries = append(h.Entries, early...)
	if len(early) > 0 {
		slices.SortStableFunc(h.Entries, func(a, b Entry) int { return a.AppliedAt.Compare(b.AppliedAt) })
	}
}

// yoyoFirst reads the layout from before version 6.
func (h *History) yoyoFirst(rows []Row) {
	slices.SortStableFunc(rows, each(byTime("ctime"), byText("id")))
	for _, r := range rows {
		e := Entry{Key: r.Text("id"), Name: r.Text("id"), State: Applied, Row: r.Raw()}
		e.AppliedAt, e.Local = r.Time("ctime")
		if e.Key == "" {
			h.cannotRead(r, "it names no migration")
			continue
		}
		h.Entries = append(h.Entries, e)
	}
}

// Verify says what yoyo's checksum is worth: it is that of the migration's name.
func (yoyo) Verify(e *Entry, _ *File, _ *History) (FileState, string) {
	switch {
	case e.Checksum == "":
		return FileUnverifiable, "yoyo recorded no checksum"
	case e.Checksum != sha256Hex([]byte(e.Key)):
		return FileUnverifiable, fmt.Sprintf("yoyo's checksum %s is no longer that of the name, and never was that of the text", e.Checksum)
	}
	return FileUnverifiable, "yoyo's checksum is that of the name, not of the text"
}
