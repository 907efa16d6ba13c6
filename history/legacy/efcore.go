package legacy

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"
)

// efCore reads "__EFMigrationsHistory" of EF Core and "__MigrationHistory" of EF 6: a row per migration, deleted when it is taken back. Several
// contexts may share a table. Since EF Core 9 the table is locked while it runs.
type efCore struct{ codeOnly }

func (efCore) Tool() Tool { return EFCore }

// efColumns are the columns under whatever convention of names: MigrationId, migration_id, migrationid.
type efColumns struct{ id, product, context, model string }

func efColumnsOf(t *Table) (c efColumns) {
	for _, column := range t.Columns {
		switch strings.ToLower(strings.ReplaceAll(column.Name, "_", "")) {
		case "migrationid":
			c.id = column.Name
		case "productversion":
			c.product = column.Name
		case "contextkey":
			c.context = column.Name
		case "model":
			c.model = column.Name
		}
	}
	return c
}

// efUsual are the names of the tables, without underscores and in lower case.
var efUsual = []string{"efmigrationshistory", "migrationhistory"}

// Find takes tables of MigrationId and ProductVersion: written so, nobody else has them; under another convention the rows must fit.
func (efCore) Find(ctx context.Context, db *Database) ([]Source, error) {
	out, err := db.weigh(ctx, func(t *Table) (suspect, bool) {
		c := efColumnsOf(t)
		s := suspect{tool: EFCore, why: "its columns " + c.id + " and " + c.product}
		if c.id == "" || c.product == "" || len(t.Columns) > 5 || !t.Has(c.id+" "+texts, c.product+" "+texts) {
			return s, false
		}
		if c.model != "" {
			s.layout = "6"
		}
		plain := strings.ToLower(strings.ReplaceAll(t.Table, "_", ""))
		s.usual = slices.Contains(efUsual, plain) || c.id == "MigrationId" && c.product == "ProductVersion"
		s.form = func(r Row) form {
			id := r.Text(c.id)
			switch n := digits(id); {
			case id == "":
				return silent
			case stamp(id) && (n == 14 || n == 15) && len(id) > n && id[n] == '_' && digits(r.Text(c.product)) > 0:
				return marked
			}
			return alien
		}
		return s, true
	})
	for i := range out {
		if t := db.Lookup(out[i].Schema, out[i].Table); t.Has("MigrationId", "ProductVersion") {
			out[i].Strength = Sure
		}
	}
	return out, err
}

// Read takes rows by ID, as the tool does.
func (efCore) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	var c efColumns
	if t := q.Database.Lookup(q.Source.Schema, q.Source.Table); t != nil {
		c = efColumnsOf(t)
	}
	slices.SortStableFunc(rows, each(byText(c.id), byText(c.context)))
	seen := map[string]bool{}
	for _, r := range rows {
		id := r.Text(c.id)
		if id == "" {
			h.unnamed(r, c.id)
			continue
		}
		e := Entry{Key: id, State: Applied, Row: r.Raw()}
		e.Version, e.Name = cutStamp(id)
		if product := r.Text(c.product); product != "" {
			e.Note = "written by version " + product
		}
		if owner := r.Text(c.context); owner != "" {
			e.Note = strings.TrimPrefix(e.Note+", of the context "+owner, ", ")
			if seen[id] {
				e.Key = owner + ":" + id
			}
		}
		seen[id] = true
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// efAttribute is what gives a migration its ID: [Migration("20240101120000_Name")].
var efAttribute = regexp.MustCompile(`\bMigration(?:Attribute)?\(\s*"(\d{14}[^"\n]*)"\s*\)`)

// Files takes NUMBER_Name.cs and what else has a migration's attribute, by the ID in it or in the file of the designer; that file belongs to it, and
// the snapshot of the model is none.
func (efCore) Files(d *Dir, h *History) (out []File, err error) {
	dated := func(name string) bool {
		n := digits(name)
		return (n == 14 || n == 15) && len(name) > n && name[n] == '_'
	}
	key := func(p *program) string {
		if !dated(p.stem) && !p.within(func(part string) bool { return strings.HasPrefix(part, "migration") }) {
			return ""
		}
		for _, rel := range append([]string{p.rel}, efBeside(d, p.rel)...) {
			text, failed := d.Read(rel)
			if failed != nil {
				err = failed
				return ""
			}
			if m := efAttribute.FindSubmatch(text); m != nil {
				return string(m[1])
			}
		}
		if dated(p.stem) {
			return p.stem
		}
		return ""
	}
	all := d.hunt(h, quarry{codes: []string{"C#", "Visual Basic", "F#"}, nested: true, key: key, strict: func(p *program) bool { return dated(p.key) }})
	if err != nil {
		return nil, err
	}
	if out, err = collect(d, all); err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Version, out[i].Name = cutStamp(out[i].Key)
		out[i].Others = efBeside(d, out[i].Path)
	}
	slices.SortStableFunc(out, func(a, b File) int { return strings.Compare(a.Key, b.Key) })
	efMissing(h, out)
	return out, nil
}

// efBeside are the files that the tool writes beside a migration.
func efBeside(d *Dir, rel string) (out []string) {
	ext := path.Ext(rel)
	base := strings.TrimSuffix(rel, ext)
	for _, other := range []string{base + ".Designer" + ext, base + ".designer" + ext, base + ".resx"} {
		if d.Has(other) {
			out = append(out, other)
		}
	}
	return out
}

// efMissing says of entries without a file what that can mean.
func efMissing(h *History, files []File) {
	have := map[string]bool{}
	for i := range files {
		have[files[i].Key] = true
	}
	missing := 0
	for i := range h.Entries {
		e := &h.Entries[i]
		switch {
		case have[e.Key]:
		case h.Source.Layout == "6" && strings.HasSuffix(e.Key, "_AutomaticMigration"):
			e.File.State, e.File.Reason = FileUnverifiable, "an automatic migration has no file"
		default:
			missing++
			e.File.State, e.File.Reason = FileMissing, "no file of the directory is its own; another DbContext may keep its rows in the same table ("+e.Note+")"
		}
	}
	if missing > 0 && missing < len(h.Entries) {
		h.note("entries without a file may be those of another DbContext: contexts share a table unless they are told not to; " +
			"import with the directory above the migrations of all of them, or let them pass with --accept missing_file")
	}
}
