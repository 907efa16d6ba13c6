package legacy

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
)

// dbmate reads schema_migrations of dbmate: a row with the version for each migration, removed when it is taken back. Rails has
// the same table.
type dbmate struct{ codeOnly }

func (dbmate) Tool() Tool { return DBMate }

// Find takes tables of one column of text that is called version. With Rails' second table beside it, or without a key as Rails had it
// before version 5, it is taken only where a person says so.
func (dbmate) Find(ctx context.Context, db *Database) (out []Source, err error) {
	out, err = db.weigh(ctx, func(t *Table) (suspect, bool) {
		return suspect{tool: DBMate, common: t.Table == "schema_migrations", form: dbmateForm, why: "its one column version, and versions in it"},
			t.Is("version character varying") && t.Table != doctrineOne
	})
	for i := range out {
		s := &out[i]
		t := db.Lookup(s.Schema, s.Table)
		if db.railsBeside(t) || len(t.Key) == 0 && t.Column("version").Type != "character varying(128)" {
			s.Strength = Possible
		}
	}
	return out, err
}

// dbmateForm knows versions: digits.
func dbmateForm(r Row) form {
	switch v := r.Text("version"); {
	case v == "":
		return silent
	case isTimestamp(v):
		return marked
	default:
		return fit(allDigits(v))
	}
}

// railsBeside reports whether the table beside it is there that Rails has kept since version 5. Both may have a prefix.
func (db *Database) railsBeside(t *Table) bool {
	return slices.ContainsFunc(db.Tables, func(o Table) bool {
		return o.Schema == t.Schema && strings.Contains(o.Table, "internal_metadata") && o.Has("key", "value", "created_at", "updated_at")
	})
}

// Read takes versions in the order of their text, as dbmate does.
func (dbmate) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byText("version"))
	for _, r := range rows {
		if !allDigits(r.Text("version")) {
			h.cannotRead(r, "version %q", r.Text("version"))
			continue
		}
		h.Entries = append(h.Entries, Entry{Version: r.Text("version"), State: Applied, Row: r.Raw()})
	}
	return nil
}

// marksOf reports whether a text has a line that begins with a word behind two dashes.
func marksOf(word string) func(rel string, text []byte) bool {
	return func(_ string, text []byte) bool {
		for line := range strings.Lines(string(text)) {
			rest, ok := strings.CutPrefix(strings.TrimSpace(line), "--")
			if ok && strings.HasPrefix(strings.TrimSpace(rest), word) {
				return true
			}
		}
		return false
	}
}

// Files takes DIGITS….sql where the directory has dbmate's markers, ordered by name.
func (dbmate) Files(d *Dir, h *History) (out []File, err error) {
	all := d.besides(d.Base(func(base string) bool { return path.Ext(base) == ".sql" && digits(base) > 0 }), marksOf("migrate:up"))
	for _, rel := range all {
		first, rest := digitsFirst(stem(rel))
		f, err := d.markedFile(rel, foreign.Dbmate)
		if err != nil {
			return nil, err
		}
		f.Version, f.Name = first, strings.TrimLeft(rest, "_-.")
		out = append(out, f)
	}
	sortByBase(out)
	return out, nil
}

// markedFile reads a migration that has its way back in the same file.
func (d *Dir) markedFile(rel string, tool foreign.Tool) (f File, err error) {
	f.Path = rel
	if f.Text, err = d.Read(rel); err != nil {
		return f, err
	}
	m, err := d.Marked(rel, tool)
	if err != nil {
		return f, err
	}
	f.SQL = &SQL{m.Up, m.Down, m.HasDown}
	return f, nil
}
