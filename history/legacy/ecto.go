package legacy

import (
	"context"
	"slices"
	"strconv"
)

// ecto reads schema_migrations of Ecto: a row per version with the UTC time, deleted when it is taken back. While it runs, it locks the table.
type ecto struct{ codeOnly }

func (ecto) Tool() Tool { return Ecto }

// Find takes tables of version and inserted_at.
func (ecto) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		s := suspect{tool: Ecto, usual: t.Table == "schema_migrations", why: "its columns version and inserted_at, and its rows, which are versions of Ecto's form"}
		s.form = func(r Row) form {
			v := r.Text("version")
			switch {
			case v == "":
				return silent
			case len(v) == 14 && stamp(v):
				return marked
			}
			return fit(digits(v) == len(v))
		}
		return s, t.Is("version "+integers+"|numeric", "inserted_at "+times)
	})
}

// Read takes rows by version, which is the order of the tool.
func (ecto) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byInt("version"))
	for _, r := range rows {
		if !r.Has("version") {
			h.unnamed(r, "version")
			continue
		}
		e := Entry{Version: r.Text("version"), State: Applied, Row: r.Raw()}
		// The column has no zone, and Ecto writes UTC into it.
		e.AppliedAt, _ = r.Time("inserted_at")
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// Files takes NUMBER_name.exs, also in directories below.
func (ecto) Files(d *Dir, h *History) (out []File, err error) {
	number := func(p *program) (int64, bool) {
		n := digits(p.stem)
		if n == 0 || n == len(p.stem) || p.stem[n] != '_' {
			return 0, false
		}
		v, err := strconv.ParseInt(p.stem[:n], 10, 64)
		return v, err == nil
	}
	out, err = collect(d, d.hunt(h, quarry{
		codes: []string{"Elixir"}, nested: true,
		key: func(p *program) string {
			if v, ok := number(p); ok {
				return strconv.FormatInt(v, 10)
			}
			return ""
		},
		strict: func(p *program) bool { _, ok := number(p); return ok },
	}))
	for i := range out {
		out[i].Version = out[i].Key
	}
	sortByNumber(out)
	return out, err
}
