package legacy

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// sequel reads the two tables of Sequel: schema_migrations with the name of each file that ran, and schema_info with the number of the last.
type sequel struct{ codeOnly }

func (sequel) Tool() Tool { return Sequel }

// Keys is that of the lock that Sequel holds where it is told to (use_advisory_lock).
func (sequel) Keys(*Database, *Source) []int64 { return []int64{4966325471869609408} }

// The layouts.
const (
	sequelTimestamp = "timestamp"
	sequelInteger   = "integer"
)

// Find takes tables of one column filename that hold names of Ruby files, and tables of one number that starts at zero. A table of the
// second kind beside one of the first is what Sequel leaves behind when an application moves to timestamps.
func (sequel) Find(ctx context.Context, db *Database) (out []Source, err error) {
	out, err = db.weigh(ctx, func(t *Table) (suspect, bool) {
		return suspect{
			tool: Sequel, layout: sequelTimestamp, common: t.Table == "schema_migrations", form: sequelForm, why: "its one column filename, and names of Ruby files in it",
		}, t.Is("filename character varying|text")
	})
	if err != nil {
		return nil, err
	}
	numbers, err := db.weigh(ctx, func(t *Table) (suspect, bool) {
		return suspect{
			tool: Sequel, layout: sequelInteger, common: t.Table == "schema_info", form: sequelNumber, why: "its one column version, a number that starts at zero",
		}, t.Is("version integer|bigint") && t.Columns[0].Default && t.Columns[0].NotNull && len(t.Key) == 0
	})
	if err != nil {
		return nil, err
	}
	for _, s := range numbers {
		if s.Rows > 1 {
			s.Strength = Possible
		}
		i := slices.IndexFunc(out, func(o Source) bool {
			return o.Schema == s.Schema && o.Layout == sequelTimestamp && o.Strength > Possible && o.Rows > 0
		})
		if i < 0 {
			out = append(out, s)
		} else if s.Table == "schema_info" {
			out[i].Beside = append(out[i].Beside, Name{s.Schema, s.Table})
		}
	}
	return out, nil
}

func sequelForm(r Row) form {
	name := r.Text("filename")
	switch {
	case name == "":
		return silent
	case strings.HasSuffix(name, ".rb") && digits(name) >= 1:
		return marked
	}
	return alien
}

func sequelNumber(r Row) form {
	n, ok := r.Int("version")
	return fit(ok && n >= 0)
}

// sequelName divides the name of a file into its number and the rest, without what it ends in.
func sequelName(base string) (version, name string, ok bool) {
	version, rest := digitsFirst(base)
	if version == "" || !strings.HasPrefix(rest, "_") || !strings.HasSuffix(strings.ToLower(rest), ".rb") || len(rest) < len("_x.rb") {
		return "", "", false
	}
	return version, rest[1 : len(rest)-len(".rb")], true
}

func (sequel) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	if q.Source.Layout == sequelInteger {
		h.sequelPosition(rows)
		return nil
	}
	for _, r := range rows {
		base := r.Text("filename")
		version, name, ok := sequelName(base)
		if !ok {
			h.cannotRead(r, "%q is no name of a migration", base)
			continue
		}
		h.Entries = append(h.Entries, Entry{Key: strings.ToLower(base), Version: version, Name: name, State: Applied, Row: r.Raw()})
	}
	slices.SortStableFunc(h.Entries, func(a, b Entry) int {
		return cmp.Or(compareNumbers(a.Version, b.Version), strings.Compare(a.Key, b.Key))
	})
	return nil
}

// sequelPosition reads the one number.
func (h *History) sequelPosition(rows []Row) {
	for i, r := range rows {
		n, ok := r.Int("version")
		switch {
		case !ok || n < 0:
			h.cannotRead(r, "the version %q is no number of a migration", r.Text("version"))
		case i > 0:
			h.Markers = append(h.Markers, Marker{"a second number, which Sequel does not look at", r.Raw()})
			h.problem(DuplicateVersion, strconv.FormatInt(n, 10), "delete all rows but one", "%s has %d rows and may have one", &h.Source, len(rows))
		case n == 0:
			h.Markers = append(h.Markers, Marker{"no migration has run", r.Raw()})
		default:
			h.Entries = append(h.Entries, Entry{Version: strconv.FormatInt(n, 10), State: Applied, Row: r.Raw()})
		}
	}
}

// Files takes NUMBER_name.rb.
func (sequel) Files(d *Dir, h *History) (out []File, err error) {
	for _, rel := range d.Paths {
		base := path.Base(rel)
		version, name, ok := sequelName(base)
		if !ok {
			continue
		}
		f := File{Key: strings.ToLower(base), Version: version, Name: name, Path: rel, Code: "Ruby"}
		if f.Text, err = d.Read(rel); err != nil {
			return nil, err
		}
		if strings.Contains(string(f.Text), "ActiveRecord::Migration") || !strings.Contains(string(f.Text), "Sequel") && !strings.Contains(string(f.Text), "migration") {
			continue
		}
		if h.Source.Layout == sequelInteger {
			f.Key = plainNumber(version)
			f.Version = f.Key
		}
		out = append(out, f)
	}
	sortByNumber(out)
	return out, nil
}

// Infer makes the entries up to the number that is recorded, where only that is.
func (sequel) Infer(h *History) {
	if h.Source.Layout != sequelInteger || len(h.Entries) != 1 {
		return
	}
	position := h.Entries[0]
	if !h.HasDir {
		h.Entries[0].Note = "where the database is; what ran before it only the files can tell"
		return
	}
	h.inferUpTo(position)
	h.sequelGaps(position.Version)
}

// sequelGaps finds numbers without a file, which Sequel does not allow.
func (h *History) sequelGaps(position string) {
	for i := 1; i < len(h.Files); i++ {
		before, err := strconv.ParseInt(h.Files[i-1].Version, 10, 64)
		now, err2 := strconv.ParseInt(h.Files[i].Version, 10, 64)
		if err == nil && err2 == nil && now > before+1 && compareNumbers(h.Files[i].Version, position) <= 0 {
			h.note(fmt.Sprintf("there is no file between the numbers %d and %d: what ran there is not known", before, now))
		}
	}
}
