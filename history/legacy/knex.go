package legacy

import (
	"context"
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// knex reads knex_migrations of Knex: a row per file with the number of the run, deleted when it is taken back. The name has the file's ending,
// which changes when a project goes over to TypeScript, or compiles; so that names count without it.
type knex struct{ unlocked }

func (knex) Tool() Tool { return Knex }

// Find takes tables of name, batch and migration_time with Knex's name, its lock table, or its form of names.
func (knex) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		s := suspect{tool: Knex, usual: t.Table == "knex_migrations", common: t.Table == "migrations", why: "its columns name, batch and migration_time"}
		if lock := db.Lookup(t.Schema, t.Table+"_lock"); lock != nil && lock.Within([]string{"is_locked"}, []string{"index"}) {
			s.beside = append(s.beside, lock.Name)
			s.usual, s.why = true, s.why+", and its lock table"
		}
		s.form = func(r Row) form {
			name := r.Text("name")
			switch {
			case name == "":
				return silent
			case stamp(name) && bare(name) != name:
				return marked
			}
			return fit(bare(name) != name || stamp(name))
		}
		return s, t.Is("id "+integers, "name "+texts, "batch "+integers, "migration_time "+times) || s.usual && t.Has("name "+texts, "batch", "migration_time")
	})
}

// Read takes rows by their ID, and looks at the lock.
func (knex) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byInt("id"))
	for _, r := range rows {
		name := r.Text("name")
		if name == "" {
			h.unnamed(r, "name")
			continue
		}
		e := Entry{Key: bare(name), State: Applied, Row: r.Raw()}
		e.Version, e.Name = cutStamp(e.Key)
		e.AppliedAt, e.Local = r.Time("migration_time")
		if r.Has("batch") {
			e.Note = "batch " + r.Text("batch")
		}
		h.Entries = append(h.Entries, e)
	}
	return q.rowLocks(ctx, h, "let it end; where no knex runs, somebody ended it midway: look what it left, release the lock with knex migrate:unlock, and import again")
}

// rowLocks looks at lock tables with a row that is_locked. Knex sets it within its transaction, which the lock on the table finds, or, where
// it runs without one, for all to see.
func (q *Reader) rowLocks(ctx context.Context, h *History, next string) error {
	for _, name := range q.Source.Beside {
		rows, err := q.RowsOf(ctx, name.Schema, name.Table)
		if err != nil {
			return err
		}
		for _, r := range rows {
			// Kysely's lock is the row of this ID; Knex has none.
			if id := r.Text("id"); id != "" && id != "migration_lock" {
				continue
			}
			locked, yes := r.Bool("is_locked")
			if n, ok := r.Int("is_locked"); ok && n != 0 || yes && locked {
				h.problem(ToolRunning, "", next, "%s holds its lock in %s, or was ended while it held it; who and since when it does not say", h.Source.Tool, name.SQL())
			}
		}
	}
	return nil
}

// Files takes the programs of the directory of migrations.
func (knex) Files(d *Dir, h *History) ([]File, error) {
	out, err := collect(d, d.hunt(h, quarry{
		codes: scripted, loose: true, key: func(p *program) string { return p.stem },
		strict: func(p *program) bool { return digits(p.stem) >= 8 },
	}))
	sortByBase(out)
	return out, err
}

// Verify notes where the ending is another one.
func (knex) Verify(e *Entry, f *File, _ *History) (FileState, string) { return otherEnding(e, f) }

// otherEnding is for tools that record the ending of a file and keep no checksums.
func otherEnding(e *Entry, f *File) (FileState, string) {
	var row struct{ Name string }
	if err := json.Unmarshal(e.Row, &row); err == nil && row.Name != "" && path.Base(f.Path) != path.Base(row.Name) {
		text := "recorded as " + row.Name + ", and the file is " + path.Base(f.Path)
		if !strings.Contains(e.Note, text) {
			e.Note = strings.TrimPrefix(e.Note+"; "+text, "; ")
		}
	}
	return FileUnverifiable, "the tool keeps no checksums"
}
