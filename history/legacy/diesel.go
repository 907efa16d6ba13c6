package legacy

import (
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/pleatdb/pleat/history/foreign"
)

// diesel reads __diesel_schema_migrations of Diesel for Rust: a row per migration, deleted when it is taken back.
type diesel struct{ codeOnly }

func (diesel) Tool() Tool { return Diesel }

// dieselTable is the table's name; it cannot be configured.
const dieselTable = "__diesel_schema_migrations"

// Find takes a table of the two columns under Diesel's name, or one whose rows have the form.
func (diesel) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		if !t.Is("version character varying|text", "run_on timestamp without time zone|timestamp with time zone") {
			continue
		}
		found, err := db.recognise(ctx, t, suspect{
			tool: Diesel, usual: t.Table == dieselTable, why: "its columns version and run_on",
			form: func(r Row) form {
				version := r.Text("version")
				_, err := time.Parse("20060102150405", version)
				return fit(err == nil || version == "00000000000000")
			},
		})
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// Read takes rows by version, as text.
func (diesel) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byText("version"))
	for _, r := range rows {
		e := Entry{Version: r.Text("version"), State: Applied, Row: r.Raw()}
		if e.Version == "" {
			h.cannotRead(r, "it has no version")
			continue
		}
		e.AppliedAt, e.Local = r.Time("run_on")
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// Files takes the directories VERSION_name with up.sql, and down.sql beside it. It runs whatever has not run, so that there are no gaps.
func (diesel) Files(d *Dir, h *History) (out []File, err error) {
	versions, hs := h.numbers(), homes{}
	of := func(rel string) (version, name string, ok bool) { return dieselName(path.Base(path.Dir(rel))) }
	for _, rel := range d.Base(func(base string) bool { return base == "up.sql" }) {
		if _, _, ok := of(rel); ok {
			home := path.Dir(path.Dir(rel))
			hs[home] = append(hs[home], rel)
		}
	}
	_, list := hs.best(h, func(rel string) bool {
		version, _, _ := of(rel)
		_, ok := versions[plainNumber(version)]
		return ok
	})
	for _, rel := range list {
		dir := path.Dir(rel)
		version, name, _ := of(rel)
		mode, err := d.dieselMode(dir + "/metadata.toml")
		if err != nil {
			return nil, err
		}
		f := File{Version: version, Name: name, Path: rel, SQL: &SQL{}}
		if f.Text, err = d.Read(rel); err != nil {
			return nil, err
		}
		if f.SQL.Up, err = d.Whole(rel, mode); err != nil {
			return nil, err
		}
		f.SQL.Up.NoTransaction = mode != foreign.Wrapped
		if back := dir + "/down.sql"; d.Has(back) {
			f.Others = []string{back}
			if f.SQL.Down, err = d.Whole(back, mode); err != nil {
				return nil, err
			}
			f.SQL.HasDown = len(f.SQL.Down.Units) > 0
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b File) int { return strings.Compare(a.Version, b.Version) })
	return out, nil
}

// dieselName takes 2024-01-01-120000_create_users apart; hyphens do not count.
func dieselName(base string) (version, name string, ok bool) {
	version, name, _ = strings.Cut(base, "_")
	version = strings.ReplaceAll(version, "-", "")
	return version, name, allDigits(version)
}

// dieselMode reads the settings beside a migration: whether it runs in a transaction.
func (d *Dir) dieselMode(rel string) (foreign.Mode, error) {
	if !d.Has(rel) {
		return foreign.Wrapped, nil
	}
	text, err := d.Read(rel)
	if err != nil {
		return foreign.Wrapped, err
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		if key, value, _ := strings.Cut(line, "="); strings.TrimSpace(key) == "run_in_transaction" && strings.TrimSpace(value) == "false" {
			return foreign.Single, nil
		}
	}
	return foreign.Wrapped, nil
}
