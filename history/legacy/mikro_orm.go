package legacy

import (
	"context"
	"slices"
	"strings"
)

// mikroORM reads mikro_orm_migrations of MikroORM: a row per class, deleted when it is taken back. All rows of a run have one time.
type mikroORM struct{ codeOnly }

func (mikroORM) Tool() Tool { return MikroORM }

// Find takes tables of name and executed_at with MikroORM's name or its names of classes.
func (mikroORM) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		s := suspect{tool: MikroORM, usual: t.Table == "mikro_orm_migrations", common: t.Table == "migrations", why: "its columns name and executed_at, and its rows, which are names of MikroORM's classes"}
		s.form = func(r Row) form {
			name := r.Text("name")
			switch {
			case name == "":
				return silent
			case mikroName(bare(name)):
				return marked
			}
			return alien
		}
		return s, t.Is("id "+integers, "name "+texts, "executed_at "+times) || s.usual && t.Has("name "+texts, "executed_at")
	})
}

// mikroName reports whether a name is Migration and fourteen digits, perhaps with more behind an underscore.
func mikroName(name string) bool {
	rest, ok := strings.CutPrefix(name, "Migration")
	return ok && digits(rest) == 14 && stamp(rest) && (len(rest) == 14 || rest[14] == '_')
}

func cutMikro(name string) (version, rest string) {
	if !mikroName(name) {
		return cutStamp(name)
	}
	return cutStamp(strings.TrimPrefix(name, "Migration"))
}

// Read takes rows by their ID. Older versions recorded names with the ending.
func (mikroORM) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byInt("id"))
	for _, r := range rows {
		if r.Text("name") == "" {
			h.unnamed(r, "name")
			continue
		}
		e := Entry{Key: bare(r.Text("name")), State: Applied, Row: r.Raw()}
		e.Version, e.Name = cutMikro(e.Key)
		e.AppliedAt, e.Local = r.Time("executed_at")
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// Files takes programs of the tool's form, and whatever is recorded.
func (mikroORM) Files(d *Dir, h *History) ([]File, error) {
	out, err := collect(d, d.hunt(h, quarry{
		codes: []string{"JavaScript", "TypeScript"}, key: func(p *program) string { return p.stem },
		strict: func(p *program) bool { return mikroName(p.stem) },
	}))
	for i := range out {
		out[i].Version, out[i].Name = cutMikro(out[i].Key)
	}
	sortByBase(out)
	return out, err
}
