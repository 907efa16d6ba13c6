package legacy

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// gormigrate reads migrations of gormigrate: a row with the identity for each migration, removed when it is taken back. Migrations are
// functions of a Go program.
type gormigrate struct{ codeOnly }

func (gormigrate) Tool() Tool { return Gormigrate }

// schemaInit is the identity of the function that makes everything at once.
const schemaInit = "SCHEMA_INIT"

// Find takes tables of one column of text, by the rows and the name: the columns alone say nothing.
func (gormigrate) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		if len(t.Columns) != 1 || !t.Is("id "+texts) && !t.Is("migration_id "+texts) && !t.Is("version_id "+texts) {
			return suspect{}, false
		}
		column := t.Columns[0].Name
		form := func(r Row) form {
			id := r.Text(column)
			if id == "" {
				return silent
			}
			return fit(id == schemaInit || digits(id) >= 8)
		}
		return suspect{tool: Gormigrate, common: t.Table == "migrations", form: form, why: "its one column " + column + ", and dates in it"}, true
	})
}

// Read takes identities in the order of their text; Infer puts them into that of the program.
func (gormigrate) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	column := "id"
	if t := q.Database.Lookup(q.Source.Schema, q.Source.Table); t != nil && len(t.Columns) == 1 {
		column = t.Columns[0].Name
	}
	slices.SortStableFunc(rows, byText(column))
	for _, r := range rows {
		switch id := r.Text(column); id {
		case "":
			h.cannotRead(r, "it has no identity")
		case schemaInit:
			h.Markers = append(h.Markers, Marker{"gormigrate made the whole schema at once", r.Raw()})
			h.note("gormigrate made this database's schema at once (SCHEMA_INIT): migrations that were known then are recorded, and did not run")
		default:
			h.Entries = append(h.Entries, Entry{Version: id, State: Applied, Row: r.Raw()})
		}
	}
	return nil
}

// Files finds the migrations in Go programs: values with an ID and a function Migrate. Where an ID cannot be read, an entry without a file
// may be that one's, and is not called missing.
func (g gormigrate) Files(d *Dir, h *History) (out []File, err error) {
	unknown, programs := 0, 0
	for _, rel := range d.Paths {
		if path.Ext(rel) != ".go" || strings.HasSuffix(rel, "_test.go") || slices.Contains(strings.Split(rel, "/"), "vendor") {
			continue
		}
		text, err := d.Read(rel)
		if err != nil {
			return nil, err
		}
		ids, others := g.identities(text)
		for _, id := range ids {
			out = append(out, File{Version: id, Path: rel, Text: text, Code: "Go"})
		}
		unknown += others
		if len(ids) > 0 {
			programs++
		}
	}
	if programs > 1 {
		slices.SortStableFunc(out, func(a, b File) int { return strings.Compare(a.Version, b.Version) })
	}
	for i := range h.Entries {
		if e := &h.Entries[i]; unknown > 0 && !slices.ContainsFunc(out, func(f File) bool { return f.Version == e.Version }) {
			e.File = FileMatch{State: FileUnverifiable, Reason: fmt.Sprintf("%d migrations of the directory have an ID that is no literal, and it may be one of them", unknown)}
		}
	}
	return out, nil
}

// identities reads the IDs of the migrations in a program, as literals or constants of the same file.
func (gormigrate) identities(text []byte) (ids []string, unknown int) {
	file, err := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
	if err != nil {
		return nil, 0
	}
	constants := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			for i, name := range v.Names {
				if i < len(v.Values) {
					if s, ok := goString(v.Values[i], nil); ok {
						constants[name.Name] = s
					}
				}
			}
		}
		return true
	})
	ast.Inspect(file, func(n ast.Node) bool {
		c, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		id, migrate := goField(c, "ID"), goField(c, "Migrate")
		if id == nil || migrate == nil {
			return true
		}
		if s, ok := goString(id, constants); ok {
			ids = append(ids, s)
		} else {
			unknown++
		}
		return true
	})
	return ids, unknown
}

// goField is the value of a field of a literal; nil where it is not given.
func goField(c *ast.CompositeLit, name string) ast.Expr {
	for _, e := range c.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return kv.Value
			}
		}
	}
	return nil
}

// goString is the text of a literal, or of a constant that stands for one.
func goString(e ast.Expr, constants map[string]string) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.Ident:
		s, ok := constants[e.Name]
		return s, ok
	}
	return "", false
}

// Infer puts entries into the order of the program where it has them all.
func (gormigrate) Infer(h *History) {
	at := map[string]int{}
	for i, f := range h.Files {
		at[f.Version] = i + 1
	}
	if !slices.ContainsFunc(h.Entries, func(e Entry) bool { return at[e.Version] == 0 }) {
		slices.SortStableFunc(h.Entries, func(a, b Entry) int { return at[a.Version] - at[b.Version] })
	}
}
