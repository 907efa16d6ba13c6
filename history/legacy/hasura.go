package legacy

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
)

// hasura reads the migrations of Hasura's command line: a table of versions up to configuration 2, and since 3 an object in
// the engine's own table, with the versions of each database.
type hasura struct{ codeOnly }

func (hasura) Tool() Tool { return Hasura }

// hasuraSchema is where the engine keeps what is its own.
const hasuraSchema = "hdb_catalog"

// isHasuraRow knows versions in milliseconds since 1970.
func isHasuraRow(r Row) bool { return allDigits(r.Text("version")) && len(r.Text("version")) == 13 }

// Find takes hdb_version where its cli_state holds migrations. Otherwise the older table; after the move it stays, and is stale.
func (x hasura) Find(ctx context.Context, db *Database) (out []Source, err error) {
	moved := map[string]bool{}
	for i := range db.Tables {
		t := &db.Tables[i]
		if !t.Has("hasura_uuid", "cli_state jsonb|json") {
			continue
		}
		found, err := x.ofState(ctx, db, t)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
		moved[t.Schema] = len(found) > 0
	}
	for i := range db.Tables {
		t := &db.Tables[i]
		if !t.Is("version bigint|integer|numeric", "dirty boolean") || moved[t.Schema] {
			continue
		}
		s, err := db.source(ctx, t, Hasura, Possible, "its columns version and dirty, with a row for each version")
		if err != nil {
			return nil, err
		}
		s.Layout = "2"
		switch {
		case t.Schema == hasuraSchema:
			s.Strength, s.OwnSchema, s.Why = Sure, true, "its columns version and dirty in the schema hdb_catalog"
		case s.Rows > 1:
			rows, err := db.Sample(ctx, t, sampled)
			if err != nil {
				return nil, err
			}
			if everyRow(rows, isHasuraRow) {
				s.Strength = Likely
			}
		}
		if settings := db.Lookup(t.Schema, "migration_settings"); settings != nil && settings.Has("setting", "value") {
			s.Beside = append(s.Beside, settings.Name)
		}
		out = append(out, s)
	}
	return out, nil
}

// ofState makes a source for each database of which cli_state holds migrations, and one where that cannot be read.
func (x hasura) ofState(ctx context.Context, db *Database, t *Table) (out []Source, err error) {
	ok, err := db.readable(ctx, t)
	if err != nil || !ok {
		return []Source{{Tool: Hasura, Schema: t.Schema, Table: t.Table, Layout: "3", Strength: Sure, Rows: -1, OwnSchema: t.Schema == hasuraSchema, Why: "its column cli_state"}}, err
	}
	rows, err := db.Sample(ctx, t, 0)
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for _, r := range rows {
		for database, versions := range x.state(r) {
			counts[database] += int64(max(len(versions), 1))
		}
	}
	for database, n := range counts {
		s := Source{
			Tool: Hasura, Schema: t.Schema, Table: t.Table, Layout: "3", Strength: Sure, Rows: n, Project: database,
			OwnSchema: t.Schema == hasuraSchema, Shared: "Hasura's engine keeps its own version in that table and writes it", Why: "the migrations in its column cli_state",
		}
		for _, name := range []string{"schema_migrations", "migration_settings"} {
			if old := db.Lookup(t.Schema, name); old != nil {
				s.Beside = append(s.Beside, old.Name)
			}
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Source) int { return strings.Compare(a.Project, b.Project) })
	return out, nil
}

// state is the migrations of a row of hdb_version, by database. A value of another form is kept under the version "".
func (hasura) state(r Row) map[string]map[string]any {
	state, ok := r.Value("cli_state").(map[string]any)
	if !ok {
		return nil
	}
	databases, ok := state["migrations"].(map[string]any)
	if !ok {
		return nil
	}
	out := map[string]map[string]any{}
	for name, v := range databases {
		versions, ok := v.(map[string]any)
		switch {
		case ok && len(versions) > 0:
			out[name] = versions
		case !ok && v != nil:
			out[name] = map[string]any{"": v}
		}
	}
	return out
}

// Read takes versions in their order; a version that is marked did not run to its end.
func (x hasura) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	if h.Source.Layout == "3" {
		rows = x.rowsOfState(h, rows)
	}
	slices.SortStableFunc(rows, byNumber("version"))
	for _, r := range rows {
		version := r.Text("version")
		dirty, ok := r.Bool("dirty")
		if !allDigits(version) || !ok {
			h.cannotRead(r, "version %q, dirty %q", version, r.Text("dirty"))
			continue
		}
		e := Entry{Version: plainNumber(version), State: Applied, Row: r.Raw()}
		if dirty {
			e.State, e.Note = Failed, "marked as dirty"
			h.problem(Dirty, e.Version, fmt.Sprintf("look at what of it is in the database, then say so: hasura migrate apply --version %[1]s --skip-execution where it is complete, "+
				"hasura migrate apply --version %[1]s --type down --skip-execution where nothing of it is left", e.Version),
				"Hasura marked version %s as dirty: it failed halfway", e.Version)
		}
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// rowsOfState makes a row of each version of the source's database.
func (x hasura) rowsOfState(h *History, rows []Row) (out []Row) {
	for _, r := range rows {
		for version, dirty := range x.state(r)[h.Source.Project] {
			out = append(out, Row{map[string]any{"database": h.Source.Project, "version": version, "dirty": dirty}})
		}
		if state, ok := r.Value("cli_state").(map[string]any); ok && state["isStateCopyCompleted"] == false && len(h.Source.Beside) > 0 {
			h.note("Hasura has not said that it moved its migrations from " + h.Source.Beside[0].SQL() + ": compare them with hasura migrate status")
		}
	}
	return out
}

// hasuraFile is what a path says of a migration: MILLISECONDS_name/up.sql or MILLISECONDS_name.up.sql, below the database's directory
// since configuration 3.
type hasuraFile struct{ home, version, name, direction, ext string }

func readHasuraPath(rel string) (f hasuraFile, ok bool) {
	base := path.Base(rel)
	f.ext = path.Ext(base)
	whole := strings.TrimSuffix(base, f.ext)
	dir := path.Dir(rel)
	if whole == "up" || whole == "down" {
		whole, dir = path.Base(dir)+"."+whole, path.Dir(dir)
	}
	dot := strings.LastIndexByte(whole, '.')
	if dot < 0 || f.ext != ".sql" && f.ext != ".yaml" && f.ext != ".yml" && f.ext != ".json" {
		return f, false
	}
	digits, rest := digitsFirst(whole[:dot])
	name, under := strings.CutPrefix(rest, "_")
	f.home, f.version, f.name, f.direction = dir, plainNumber(digits), name, whole[dot+1:]
	return f, digits != "" && (under || rest == "") && (f.direction == "up" || f.direction == "down")
}

// Files takes those of the source's database where the directory has one for each.
func (hasura) Files(d *Dir, h *History) (out []File, err error) {
	all := slices.DeleteFunc(slices.Clone(d.Paths), func(p string) bool { _, ok := readHasuraPath(p); return !ok })
	own := slices.DeleteFunc(slices.Clone(all), func(p string) bool { f, _ := readHasuraPath(p); return path.Base(f.home) != h.Source.Project })
	if len(own) > 0 {
		all = own
	}
	recorded, dirs := h.recorded(), homes{}
	for _, rel := range all {
		f, _ := readHasuraPath(rel)
		dirs[f.home] = append(dirs[f.home], rel)
	}
	_, all = dirs.best(h, func(rel string) bool { f, _ := readHasuraPath(rel); return recorded[f.version] })
	downs := map[string]string{}
	for _, rel := range all {
		f, _ := readHasuraPath(rel)
		if f.direction == "down" && f.ext == ".sql" {
			downs[f.home+"/"+f.version] = rel
		}
	}
	for _, rel := range all {
		p, _ := readHasuraPath(rel)
		if p.direction != "up" {
			continue
		}
		f := File{Version: p.version, Name: p.name, Path: rel, Code: "a list of calls in " + strings.ToUpper(p.ext[1:])}
		if f.Text, err = d.Read(rel); err != nil {
			return nil, err
		}
		if p.ext == ".sql" {
			f.SQL, f.Code = &SQL{}, ""
			if f.SQL.Up, err = d.oneMessage(rel); err != nil {
				return nil, err
			}
			if down, ok := downs[p.home+"/"+p.version]; ok {
				if err := d.wayBack(&f, down); err != nil {
					return nil, err
				}
			}
		}
		out = append(out, f)
	}
	sortByNumber(out)
	return out, nil
}
