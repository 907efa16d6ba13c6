package legacy

import (
	"context"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
)

// rails reads schema_migrations of Active Record: a row with the version for each migration, removed when it is taken back. Versions are
// compared as numbers. Since Rails 5 the column is the primary key and ar_internal_metadata is beside it.
type rails struct{}

func (rails) Tool() Tool { return Rails }

// railsSalt is what Active Record multiplies the checksum of the database's name with (MIGRATOR_SALT).
const railsSalt = 2053462845

// Keys is that of the lock that db:migrate holds since Rails 5.
func (rails) Keys(db *Database, _ *Source) []int64 {
	return []int64{railsSalt * int64(crc32.ChecksumIEEE([]byte(db.Name)))}
}

// Verify finds nothing that the file could be held against.
func (rails) Verify(*Entry, *File, *History) (FileState, string) {
	return FileUnverifiable, "Rails keeps no checksums"
}

// Find takes tables of one column of text that is called version. With ar_internal_metadata beside it that is Rails' beyond doubt; without,
// it could be that of dbmate too, which has never had a table without a key, and has had keys of limited length.
func (rails) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		if !t.Is("version character varying|text") {
			continue
		}
		var found []Source
		if meta := db.railsMetadata(t); meta != nil {
			s, err := db.source(ctx, t, Rails, Sure, "its one column version, and "+meta.Table+" beside it")
			if err != nil {
				return nil, err
			}
			s.Beside = []Name{meta.Name}
			found = []Source{s}
		} else if found, err = db.recognise(ctx, t, railsSuspect(t)); err != nil {
			return nil, err
		}
		for _, s := range found {
			c := &t.Columns[0]
			switch {
			case len(t.Key) == 0:
				s.Layout = "4"
			case len(s.Beside) == 0 && c.Type != "character varying":
				s.Strength = Possible // dbmate's before 2.27
			}
			out = append(out, s)
		}
	}
	return out, nil
}

func railsSuspect(t *Table) suspect {
	return suspect{
		tool: Rails, common: strings.Contains(t.Table, "schema_migrations"), form: dbmateForm,
		why: "its one column version, and versions in it",
	}
}

// railsMetadata finds the table that Rails keeps beside: their names differ in one part, whatever comes before and behind it.
func (db *Database) railsMetadata(t *Table) *Table {
	var some *Table
	for i := range db.Tables {
		m := &db.Tables[i]
		if m.Schema != t.Schema || !m.Is("key character varying|text", "value character varying|text", "created_at "+times, "updated_at "+times) {
			continue
		}
		switch {
		case strings.Replace(m.Table, "ar_internal_metadata", "schema_migrations", 1) == t.Table:
			return m
		case strings.Contains(m.Table, "internal_metadata") && !db.railsPair(m):
			some = m
		}
	}
	if some != nil && strings.Contains(t.Table, "migration") {
		return some
	}
	return nil
}

// railsPair reports whether a table of metadata belongs to a table with the usual name.
func (db *Database) railsPair(m *Table) bool {
	name := strings.Replace(m.Table, "ar_internal_metadata", "schema_migrations", 1)
	return name != m.Table && db.Lookup(m.Schema, name) != nil
}

// Read takes versions by what they count. "001" and "1" are the same migration.
func (rails) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byNumber("version"))
	for _, r := range rows {
		v := r.Text("version")
		if !allDigits(v) {
			h.cannotRead(r, "the version %q is no number", v)
			continue
		}
		h.Entries = append(h.Entries, Entry{Key: plainNumber(v), Version: v, State: Applied, Row: r.Raw()})
	}
	return q.railsEnvironment(ctx, h)
}

// railsEnvironment notes what the table beside says of the database.
func (q *Reader) railsEnvironment(ctx context.Context, h *History) error {
	for _, name := range q.Source.Beside {
		rows, err := q.RowsOf(ctx, name.Schema, name.Table)
		if err != nil {
			return err
		}
		var parts []string
		slices.SortStableFunc(rows, byText("key"))
		for _, r := range rows {
			parts = append(parts, r.Text("key")+" "+r.Text("value"))
		}
		if len(parts) > 0 {
			h.note(fmt.Sprintf("%s says: %s", name.SQL(), strings.Join(parts, ", ")))
		}
	}
	return nil
}
