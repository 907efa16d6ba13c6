package legacy

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
)

// pgmigrate reads schema_version of yandex-pgmigrate: a row per migration, none of them ever taken back. A baseline deletes all rows before it.
type pgmigrate struct{ codeOnly }

func (pgmigrate) Tool() Tool { return PgMigrate }

// Find takes a table of the five columns whose type is the tool's own enum. A copy of it with another type is only possible.
func (pgmigrate) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		if !t.Is("version smallint|integer|bigint|numeric", "description", "type", "installed_by", "installed_on") {
			continue
		}
		strength := Possible
		if strings.HasSuffix(strings.Trim(t.Column("type").Base(), `"`), "schema_version_type") {
			strength = Sure
		}
		s, err := db.source(ctx, t, PgMigrate, strength, "its columns installed_by and installed_on, and its type schema_version_type")
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Read takes rows by version.
func (pgmigrate) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byNumber("version"))
	for _, r := range rows {
		e := Entry{Version: r.Text("version"), Name: r.Text("description"), By: r.Text("installed_by"), State: Applied, Row: r.Raw()}
		e.AppliedAt, e.Local = r.Time("installed_on")
		switch kind := r.Text("type"); {
		case !allDigits(e.Version):
			h.cannotRead(r, "its version %q is none", e.Version)
			continue
		case kind == "manual":
			e.State, e.Key = Baseline, "baseline-"+plainNumber(e.Version)
			e.File = FileMatch{State: FileUnverifiable, Reason: "a baseline needs no file"}
		case kind != "auto":
			h.unknownKind(r, kind)
			continue
		}
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// Files takes V0001__name.sql; what lies at or below the baseline need not run, what lies below the newest version is passed over.
func (pgmigrate) Files(d *Dir, h *History) (out []File, err error) {
	line := h.dottedLine()
	for _, rel := range d.numbered(h, pgmigrateName) {
		version, name, _ := pgmigrateName(path.Base(rel))
		f := File{Version: plainNumber(version), Name: name, Path: rel, SQL: &SQL{}}
		mode := foreign.Wrapped
		if strings.Contains(name, "NONTRANSACTIONAL") {
			mode = foreign.Single
		}
		if f.Text, err = d.Read(rel); err != nil {
			return nil, err
		}
		if f.SQL.Up, err = d.Whole(rel, mode); err != nil {
			return nil, err
		}
		f.SQL.Up.NoTransaction = mode == foreign.Single
		out = append(out, f)
	}
	sortByNumber(out)
	for i := range out {
		f := &out[i]
		f.Key = f.Version
		switch {
		case line.present[f.Key]:
		case line.baseline != "" && compareNumbers(f.Version, line.baseline) <= 0:
			f.Settled = "it lies below the baseline " + line.baseline
		case line.newest != "" && compareNumbers(f.Version, line.newest) < 0:
			h.gap(f, line.newest)
		}
	}
	return out, nil
}

// pgmigrateName takes V0001__create_users.sql apart.
func pgmigrateName(base string) (version, name string, ok bool) {
	rest, isV := strings.CutPrefix(base, "V")
	rest, isSQL := strings.CutSuffix(rest, ".sql")
	version, name, ok = strings.Cut(rest, "__")
	return version, strings.ReplaceAll(name, "_", " "), ok && isV && isSQL && allDigits(version) && name != ""
}
