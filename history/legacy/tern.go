package legacy

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
)

// tern reads schema_version of tern: one row that says how many migrations have run.
type tern struct{ codeOnly }

func (tern) Tool() Tool { return Tern }

// Keys is that of tern's lock, the same everywhere.
func (tern) Keys(*Database, *Source) []int64 { return []int64{9628173550095224} }

// Find takes tables of one integer column that is called version, with one row. So little is enough only under a name that says it.
func (tern) Find(ctx context.Context, db *Database) (out []Source, err error) {
	form := func(r Row) form {
		n, ok := r.Int("version")
		return fit(ok && n >= 0)
	}
	out, err = db.weigh(ctx, func(t *Table) (suspect, bool) {
		return suspect{tool: Tern, common: ternName(t.Table), form: form, why: "its one column version, with one row"}, t.Is("version " + integers)
	})
	for i := range out {
		if !ternName(out[i].Table) || out[i].Rows != 1 {
			out[i].Strength = Possible
		}
	}
	return out, err
}

// ternName reports whether a table is called as tern calls it, or nearly so.
func ternName(table string) bool {
	return strings.Contains(table, "schema_version") || slices.Contains(strings.Split(table, "_"), "tern")
}

// Read takes the one row; Infer does the rest.
func (tern) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byInt("version"))
	for _, r := range rows {
		switch n, ok := r.Int("version"); {
		case !ok || n < 0:
			h.cannotRead(r, "version %q", r.Text("version"))
		case n == 0:
			h.Markers = append(h.Markers, Marker{"tern made its table", r.Raw()})
		default:
			h.Entries = append(h.Entries, Entry{Version: strconv.FormatInt(n, 10), State: Applied, Row: r.Raw()})
		}
	}
	if len(rows) > 1 {
		h.problem(Unreadable, "", "leave the one that says how many migrations have run", "%s has %d rows, and tern keeps one", &h.Source, len(rows))
	}
	return nil
}

// Infer takes the files up to the position as applied, and looks whether all numbers are there: tern wants them without a gap.
func (tern) Infer(h *History) {
	if len(h.Entries) != 1 {
		return
	}
	at := h.Entries[0].Version
	if !h.HasDir {
		h.note("tern keeps only how many migrations have run (" + at + "): which they are, only the files tell (--legacy DIR)")
		return
	}
	h.inferUpTo(h.Entries[0])
	next := int64(1)
	for _, f := range h.Files {
		n, err := strconv.ParseInt(f.Version, 10, 64)
		if err != nil || n < next {
			continue
		}
		if n > next {
			missing := fmt.Sprint(next)
			if n > next+1 {
				missing = fmt.Sprintf("%d to %d", next, n-1)
			}
			h.problem(MissingFile, strconv.FormatInt(next, 10), "bring them back, or let it pass: --accept missing_file --reason …", "tern numbers files without a gap, and there is none for %s", missing)
		}
		next = n + 1
	}
}

// Files takes NUMBER_name.sql of one directory. What lies deeper are parts that templates include.
func (tern) Files(d *Dir, h *History) (out []File, err error) {
	all := d.Base(func(base string) bool {
		first, rest := digitsFirst(base)
		return first != "" && strings.HasPrefix(rest, "_") && strings.HasSuffix(rest, ".sql") && len(rest) > len("_.sql")
	})
	above := slices.DeleteFunc(slices.Clone(all), func(p string) bool {
		return slices.ContainsFunc(all, func(q string) bool {
			return path.Dir(q) != path.Dir(p) && (path.Dir(q) == "." || strings.HasPrefix(p, path.Dir(q)+"/"))
		})
	})
	above = h.homeOf(above, func(rel string) string { first, _ := digitsFirst(path.Base(rel)); return plainNumber(first) })
	for _, rel := range above {
		f, err := d.markedFile(rel, foreign.Tern)
		if err != nil {
			return nil, err
		}
		if bytes.Contains(f.Text, []byte("{{")) {
			f.SQL, f.Code = nil, "a template"
		}
		first, rest := digitsFirst(stem(rel))
		f.Version, f.Name = plainNumber(first), strings.TrimPrefix(rest, "_")
		out = append(out, f)
	}
	sortByNumber(out)
	return out, nil
}
