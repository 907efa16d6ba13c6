package legacy

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strings"
)

// laravel reads migrations of Laravel and Lumen: a row per file with the number of the run (batch), deleted when it is taken back. The id
// is there since 5.3.18. It keeps no time.
type laravel struct{ codeOnly }

func (laravel) Tool() Tool { return Laravel }

// Find takes tables of migration and batch whose rows are file names of Laravel's form.
func (laravel) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		s := suspect{tool: Laravel, common: t.Table == "migrations", why: "its columns migration and batch, and its rows, which are names of Laravel's migrations"}
		if t.Column("id") == nil {
			s.layout = "5.3"
		}
		s.form = func(r Row) form {
			name := r.Text("migration")
			if name == "" {
				return silent
			}
			if batch, ok := r.Int("batch"); ok && batch >= 1 && laravelName(name) {
				return marked
			}
			return alien
		}
		return s, t.Within([]string{"migration " + texts, "batch " + integers}, []string{"id " + integers, "created_at " + times, "updated_at " + times})
	})
}

// laravelName reports whether a name is YYYY_MM_DD_HHMMSS_name.
func laravelName(name string) bool {
	version, _ := cutLaravel(name)
	return version != ""
}

func cutLaravel(name string) (version, rest string) {
	parts := strings.SplitN(name, "_", 5)
	if len(parts) < 5 {
		return "", name
	}
	for i, n := range []int{4, 2, 2, 6} {
		if len(parts[i]) != n || digits(parts[i]) != n {
			return "", name
		}
	}
	return name[:17], parts[4]
}

// Read takes rows by batch and then by name, as the tool does.
func (laravel) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, each(byInt("batch"), byText("migration")))
	for _, r := range rows {
		name := strings.TrimSuffix(r.Text("migration"), ".php")
		if name == "" {
			h.unnamed(r, "migration")
			continue
		}
		e := Entry{Key: name, State: Applied, Row: r.Raw()}
		if e.Version, e.Name = cutLaravel(name); r.Has("batch") {
			e.Note = "batch " + r.Text("batch")
		}
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// Files takes PHP files of Laravel's form in the directories from which some ran: it does not look below them, where those of tenants lie. Migrations that a schema dump
// took in (schema:dump --prune) need no file.
func (laravel) Files(d *Dir, h *History) ([]File, error) {
	out, err := collect(d, d.hunt(h, quarry{
		codes: []string{"PHP"}, key: func(p *program) string { return p.stem }, strict: func(p *program) bool { return laravelName(p.stem) },
	}))
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Version, out[i].Name = cutLaravel(out[i].Key)
	}
	sortByBase(out)
	return out, squashed(d, h, out)
}

// squashed looks for the entries without a file in dumps of the schema.
func squashed(d *Dir, h *History, files []File) error {
	have := map[string]bool{}
	for i := range files {
		have[files[i].Key] = true
	}
	for _, rel := range d.Paths {
		base := path.Base(rel)
		if !strings.HasSuffix(base, "-schema.sql") && !strings.HasSuffix(base, "-schema.dump") {
			continue
		}
		text, err := d.Read(rel)
		if err != nil {
			return err
		}
		n := 0
		for i := range h.Entries {
			e := &h.Entries[i]
			if have[e.Key] || e.File.State != "" || !inDump(text, e.Key) {
				continue
			}
			e.File.State, e.File.Reason = FileUnverifiable, "its file was squashed into "+rel
			n++
		}
		if n > 0 {
			h.note(rel + " stands for migrations whose files were removed (schema:dump --prune): that is as it should be")
		}
	}
	return nil
}

// inDump reports whether a dump has the name as a value. What pg_dump packed (its custom format) cannot be looked into and stands for all.
func inDump(text []byte, name string) bool {
	if bytes.HasPrefix(text, []byte("PGDMP")) {
		return true
	}
	for rest := text; ; {
		at := bytes.Index(rest, []byte(name))
		if at < 0 {
			return false
		}
		end := at + len(name)
		if at > 0 && strings.IndexByte("'\t", rest[at-1]) >= 0 && end < len(rest) && strings.IndexByte("'\t", rest[end]) >= 0 {
			return true
		}
		rest = rest[end:]
	}
}
