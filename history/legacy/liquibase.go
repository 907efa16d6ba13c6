package legacy

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// liquibase reads databasechangelog: a row per changeset, which is known by its ID, its author and the path of its changelog. What is
// rolled back loses its row; what runs again has its row changed.
type liquibase struct{ unlocked }

func (liquibase) Tool() Tool { return Liquibase }

// markedAsRan is the note on a changeset whose preconditions kept it from running.
const markedAsRan = "it was marked as ran because of its preconditions, and did not run"

// Find goes by five columns that every version had, in either case: with quoting forced, Liquibase writes names in capitals.
func (liquibase) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		if !t.hasFold("id", "author", "filename", "dateexecuted", "md5sum") {
			continue
		}
		s, err := db.source(ctx, t, Liquibase, Sure, "its columns author, filename, dateexecuted and md5sum")
		if err != nil {
			return nil, err
		}
		for n := range db.Tables {
			b := &db.Tables[n]
			if b.Schema != t.Schema || b.Table == t.Table {
				continue
			}
			lock := len(b.Columns) == 4 && b.hasFold("id", "locked", "lockgranted", "lockedby")
			if lock || strings.EqualFold(b.Table, "databasechangeloghistory") {
				s.Beside = append(s.Beside, b.Name)
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// hasFold reports whether the table has columns of these names in any case.
func (t *Table) hasFold(names ...string) bool {
	for _, name := range names {
		if !slices.ContainsFunc(t.Columns, func(c Column) bool { return strings.EqualFold(c.Name, name) }) {
			return false
		}
	}
	return true
}

// folded is a row whose columns have names in lower case.
func (r Row) folded() Row {
	out := Row{fields: make(map[string]any, len(r.fields))}
	for name, v := range r.fields {
		out.fields[strings.ToLower(name)] = v
	}
	return out
}

// Read takes rows by the time and then the order of their execution.
func (liquibase) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i] = rows[i].folded()
	}
	slices.SortStableFunc(rows, each(byTime("dateexecuted"), byInt("orderexecuted")))
	for _, r := range rows {
		if r.Text("id") == "" || r.Text("filename") == "" {
			h.cannotRead(r, "it has no ID or no file name")
			continue
		}
		h.liquibaseRow(r)
	}
	return q.liquibaseLocked(ctx, h)
}

func (h *History) liquibaseRow(r Row) {
	e := Entry{Version: r.Text("id"), Checksum: r.Text("md5sum"), State: Applied, Row: r.Raw()}
	e.Key = liquibaseKey(changelogPath(r.Text("filename")), e.Version, r.Text("author"))
	e.AppliedAt, e.Local = r.Time("dateexecuted")
	if e.Name = r.Text("comments"); e.Name == "" {
		e.Name = r.Text("description")
	}
	if e.Name == "sql" || e.Name == "sqlFile" {
		e.Name = ""
	}
	e.describe(r)
	switch kind := r.Text("exectype"); kind {
	case "EXECUTED", "":
	case "RERAN":
		e.State = Repeatable
		e.remark("it ran again, and the row tells of the last time")
	case "MARK_RAN":
		e.remark(markedAsRan)
	case "FAILED":
		e.State = Failed
		h.problem(FailedMigration, e.Key, "mend its cause and run `liquibase update`, then import again", "the changeset %s failed", e.Key)
	case "SKIPPED":
		h.Markers = append(h.Markers, Marker{"the changeset " + e.Key + " was passed over and did not run", e.Row})
		return
	default:
		e.State = Failed
		h.problem(UnknownKind, e.Key, "look at the row: `liquibase history` shows it", "the changeset %s has the execution type %q, which this reader does not know", e.Key, kind)
	}
	h.Entries = append(h.Entries, e)
}

// describe puts into the note what a row says beside the changeset's identity. The author is who wrote it; who ran it is not recorded.
func (e *Entry) describe(r Row) {
	for _, part := range []struct{ word, column string }{
		{"written by", "author"}, {"tagged", "tag"}, {"context", "contexts"}, {"labels", "labels"}, {"Liquibase", "liquibase"},
	} {
		if text := r.Text(part.column); text != "" {
			e.remark(part.word + " " + text)
		}
	}
}

// liquibaseKey is how Liquibase names a changeset.
func liquibaseKey(file, id, author string) string { return file + "::" + id + "::" + author }

// liquibaseLocked looks at the row that Liquibase sets while it runs, and leaves behind when it is killed.
func (q *Reader) liquibaseLocked(ctx context.Context, h *History) error {
	for _, name := range q.Source.Beside {
		if t := q.Database.Lookup(name.Schema, name.Table); t == nil || !t.hasFold("locked", "lockedby") {
			continue
		}
		rows, err := q.RowsOf(ctx, name.Schema, name.Table)
		if err != nil {
			return err
		}
		for _, r := range rows {
			r = r.folded()
			if v := r.Text("locked"); v == "" || v == "false" || v == "0" {
				continue
			}
			h.problem(ToolRunning, "", "let it end and import again; where nobody runs it any more, free the lock with `liquibase release-locks`",
				"liquibase holds its lock in %s: %s, since %s by that machine's clock", name.SQL(), r.Text("lockedby"), r.Text("lockgranted"))
		}
	}
	return nil
}

// Verify computes the checksum of changesets that are SQL and nothing else.
func (liquibase) Verify(e *Entry, f *File, h *History) (FileState, string) {
	s, parsed := f.Extra.(*changeSet)
	version, _, versioned := strings.Cut(e.Checksum, ":")
	switch {
	case !parsed:
		return FileUnverifiable, "only Liquibase can read a changelog in " + f.Code
	case e.Checksum == "":
		return FileUnverifiable, "the row has no checksum: `liquibase clear-checksums` takes them out until the next run"
	case !versioned || version != "8" && version != "9":
		return FileUnverifiable, fmt.Sprintf("%s is of an older kind of Liquibase's checksums than 8 (3.5) and 9 (4.22)", e.Checksum)
	case len(s.programs()) > 0:
		return FileUnverifiable, "only Liquibase can compute the checksum of " + strings.Join(s.programs(), ", ")
	case s.missing() != "":
		return FileMissing, s.missing() + ", which the changeset runs, is not in the directory"
	}
	sums := s.sums(version)
	if slices.Contains(sums, e.Checksum) {
		return FileVerified, ""
	}
	if s.excused(e.Checksum) {
		return FileUnverifiable, "the changeset differs from what ran, and its validCheckSum lets that pass"
	}
	if len(s.unset) > 0 {
		return FileUnverifiable, "the checksum depends on properties that no changelog sets: " + strings.Join(s.unset, ", ")
	}
	return FileMismatched, fmt.Sprintf("Liquibase recorded %s, the changeset has %s", e.Checksum, sums[0])
}
