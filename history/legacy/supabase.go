package legacy

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// supabase reads supabase_migrations.schema_migrations of Supabase's command line, whose rows hold the statements that ran.
type supabase struct{ unlocked }

func (supabase) Tool() Tool { return Supabase }

const supabaseSchema = "supabase_migrations"

// Find goes by the statements beside the version, or by the schema where the table is of a time when they were not kept.
func (supabase) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		statements := t.Column("statements")
		why := ""
		switch version := t.Has("version text|character varying"); {
		case version && statements != nil && statements.Type == "text[]":
			why = "its columns version and statements"
		case version && t.Schema == supabaseSchema && t.Table == "schema_migrations":
			why = "its schema and the column version"
		default:
			continue
		}
		s, err := db.source(ctx, t, Supabase, Sure, why)
		if err != nil {
			return nil, err
		}
		s.OwnSchema = t.Schema == supabaseSchema
		if seeds := db.Lookup(t.Schema, "seed_files"); seeds != nil && seeds.Has("path", "hash") {
			s.Beside = append(s.Beside, seeds.Name)
		}
		out = append(out, s)
	}
	return out, nil
}

// Read takes rows by version, as text. The command line passes over files below the newest one unless it is told to include all.
func (supabase) Read(ctx context.Context, q *Reader, h *History) error {
	h.InOrder = true
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byText("version"))
	for _, r := range rows {
		if r.Text("version") == "" {
			h.cannotRead(r, "it has no version")
			continue
		}
		e := Entry{Version: r.Text("version"), Name: r.Text("name"), By: r.Text("created_by"), State: Applied, Row: r.Raw()}
		if r.Has("statements") {
			e.Note = "the row holds its statements"
		}
		h.statements(&e, r)
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// statements keeps those of a row in full: the row that is kept may be shortened.
func (h *History) statements(e *Entry, r Row) {
	list, _ := r.Value("statements").([]any)
	var text []string
	for _, v := range list {
		s, _ := v.(string)
		text = append(text, s)
	}
	if h.own == nil {
		h.own = map[string][]string{}
	}
	h.own.(map[string][]string)[e.Version] = text
}

// cutFrom are the statements of an entry as the row has them.
func (h *History) cutFrom(e *Entry) []string {
	all, _ := h.own.(map[string][]string)
	return all[e.Version]
}

// Files takes DIGITS_name.sql of one directory.
func (supabase) Files(d *Dir, h *History) (out []File, err error) {
	found := homes{}
	for _, rel := range d.Paths {
		base := path.Base(rel)
		if digits, rest := digitsFirst(base); digits != "" && strings.HasPrefix(rest, "_") && path.Ext(base) == ".sql" {
			found[path.Dir(rel)] = append(found[path.Dir(rel)], rel)
		}
	}
	recorded := h.recorded()
	_, paths := found.best(h, func(rel string) bool { digits, _ := digitsFirst(path.Base(rel)); return recorded[digits] })
	for _, rel := range paths {
		f := File{Path: rel, SQL: &SQL{}}
		digits, rest := digitsFirst(stem(rel))
		f.Version, f.Name = digits, strings.TrimPrefix(rest, "_")
		if rest == "_init" && f.Version < "20211209000000" {
			f.Settled = "Supabase passes over the first dump of an old project"
		}
		if f.Text, err = d.Read(rel); err != nil {
			return nil, err
		}
		if f.SQL.Up, err = d.oneMessage(rel); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b File) int { return strings.Compare(a.Version, b.Version) })
	h.elsewhere(out)
	return out, nil
}

// elsewhere finds the files of rows that were written by the dashboard, which gives migrations a version of its own: same name, same
// statements.
func (h *History) elsewhere(files []File) {
	recorded, there := h.recorded(), map[string]bool{}
	for i := range files {
		there[files[i].Version] = true
	}
	for i := range h.Entries {
		e := &h.Entries[i]
		if e.Name == "" || there[e.Version] {
			continue
		}
		for n := range files {
			f := &files[n]
			if f.Name == e.Name && !recorded[f.Version] && sameStatements(h.cutFrom(e), f.Text) {
				e.Key = f.Version
				e.remark("the row has another version than the file: the dashboard wrote it")
				recorded[f.Version] = true
				break
			}
		}
	}
}

// Verify compares the statements in the row with the file.
func (supabase) Verify(e *Entry, f *File, h *History) (FileState, string) {
	statements := h.cutFrom(e)
	switch {
	case len(statements) == 0:
		return FileUnverifiable, "the row holds no statements"
	case sameStatements(statements, f.Text):
		return FileVerified, ""
	}
	return FileMismatched, "the statements in the row are not those of the file"
}

// sameStatements reports whether a file is made of statements that were cut from it: they follow each other with nothing but white space
// and semicolons between them. Comments between statements may differ, since ways of cutting do.
func sameStatements(statements []string, text []byte) bool {
	if len(statements) == 0 {
		return false
	}
	const between = " \t\r\n\f\v;"
	rest := strings.ReplaceAll(strings.TrimPrefix(string(text), "\ufeff"), "\r\n", "\n")
	same := true
	for _, s := range statements {
		s = strings.Trim(strings.ReplaceAll(strings.TrimPrefix(s, "\ufeff"), "\r\n", "\n"), between)
		var ok bool
		if rest, ok = strings.CutPrefix(strings.TrimLeft(rest, between), s); !ok {
			same = false
			break
		}
	}
	if same && strings.Trim(rest, between) == "" {
		return true
	}
	return sameTokens(strings.Join(statements, "\n;\n"), string(text))
}

// sameTokens compares statement by statement, without what stands between them.
func sameTokens(a, b string) bool {
	x, err := sqltext.Split(strings.ReplaceAll(a, "\r\n", "\n"))
	if err != nil {
		return false
	}
	y, err := sqltext.Split(strings.ReplaceAll(b, "\r\n", "\n"))
	return err == nil && slices.EqualFunc(x, y, func(a, b sqltext.Statement) bool { return a.SQL == b.SQL })
}
