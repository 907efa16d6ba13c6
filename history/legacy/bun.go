package legacy

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
)

// bun reads bun_migrations of the ORM bun: a row for each migration with the group in which it ran, removed when it is taken back.
type bun struct{ codeOnly }

func (bun) Tool() Tool { return Bun }

// Find takes tables of bun's four columns: by the name that bun gives or the table of locks beside it, else by names that are numbers.
func (bun) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		if !t.Is("id "+integers, "name "+texts, "group_id "+integers, "migrated_at "+times) {
			return suspect{}, false
		}
		locks := db.bunLocks(t)
		return suspect{tool: Bun, usual: t.Table == "bun_migrations" || len(locks) > 0, form: bunForm, beside: locks, why: "its columns group_id and migrated_at"}, true
	})
}

// bunLocks are tables of bun's locks beside a table.
func (db *Database) bunLocks(t *Table) (out []Name) {
	for i := range db.Tables {
		if lock := &db.Tables[i]; lock.Schema == t.Schema && strings.Contains(lock.Table, "lock") && lock.Is("id "+integers, "table_name "+texts) {
			out = append(out, lock.Name)
		}
	}
	return out
}

// bunForm knows names: the number in front of a file's name, in an early version with the rest.
func bunForm(r Row) form {
	name := r.Text("name")
	n := digits(name)
	switch {
	case name == "":
		return silent
	case n >= 8 && (n == len(name) || name[n] == '_'):
		return marked
	}
	return fit(n > 0)
}

// Read takes rows by their ID.
func (bun) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, each(byInt("id"), byText("name")))
	for _, r := range rows {
		name := r.Text("name")
		if name == "" {
			h.cannotRead(r, "it has no name")
			continue
		}
		e := Entry{Version: name, State: Applied, Row: r.Raw()}
		if first, rest := digitsFirst(name); first != "" && strings.HasPrefix(rest, "_") {
			e.Version, e.Name = first, strings.TrimPrefix(rest, "_")
		}
		e.AppliedAt, e.Local = r.Time("migrated_at")
		h.Entries = append(h.Entries, e)
	}
	if n := len(h.Entries); n > 0 {
		h.note("bun writes a row before its migration runs, unless it is told otherwise: whether " + h.Entries[n-1].label() + ", the last, ran to its end cannot be told from the table")
	}
	return q.bunLocked(ctx, h)
}

// bunLocked looks whether a row locks this table.
func (q *Reader) bunLocked(ctx context.Context, h *History) error {
	for _, name := range q.Source.Beside {
		rows, err := q.RowsOf(ctx, name.Schema, name.Table)
		if err != nil {
			return err
		}
		for _, r := range rows {
			table := r.Text("table_name")
			if at := strings.LastIndexByte(table, '.'); at >= 0 {
				table = table[at+1:]
			}
			if strings.Trim(table, `"`) == q.Source.Table {
				h.running("bun holds its lock in %s (row %s); where no bun runs any more, release it with its Unlock (the command db unlock of most programs)", name.SQL(), r.Text("id"))
			}
		}
	}
	return nil
}

// bunFile splits 20240101_name.up.sql, 20240101_name.tx.up.sql and 20240101_name.go.
func bunFile(rel string) (version, name, direction string, tx, ok bool) {
	base := path.Base(rel)
	first, rest := digitsFirst(base)
	rest, under := strings.CutPrefix(rest, "_")
	if first == "" || len(first) > 14 || !under || strings.HasSuffix(base, "_test.go") {
		return "", "", "", false, false
	}
	for _, d := range []string{"up", "down"} {
		if name, ok := strings.CutSuffix(rest, "."+d+".sql"); ok {
			name, tx = strings.CutSuffix(name, ".tx")
			return first, name, d, tx, true
		}
	}
	name, ok = strings.CutSuffix(rest, ".go")
	return first, name, "go", false, ok
}

// Files takes SQL files with their ways back, and Go programs.
func (b bun) Files(d *Dir, h *History) (out []File, err error) {
	downs := map[string]string{}
	all := slices.DeleteFunc(slices.Clone(d.Paths), func(p string) bool { _, _, _, _, ok := bunFile(p); return !ok })
	for _, rel := range all {
		if version, _, direction, _, _ := bunFile(rel); direction == "down" {
			downs[version] = rel
		}
	}
	for _, rel := range all {
		version, name, direction, _, _ := bunFile(rel)
		if direction == "down" {
			continue
		}
		f := File{Version: version, Name: name, Path: rel, Code: "Go"}
		if f.Text, err = d.Read(rel); err != nil {
			return nil, err
		}
		if direction == "up" {
			f.SQL, f.Code = &SQL{}, ""
			if f.SQL.Up, err = b.script(d, rel); err != nil {
				return nil, err
			}
			if down, ok := downs[version]; ok {
				if f.SQL.Down, err = b.script(d, down); err != nil {
					return nil, err
				}
				f.SQL.HasDown, f.Others = len(f.SQL.Down.Units) > 0, []string{down}
			}
		}
		out = append(out, f)
	}
	sortByNumber(out)
	return out, nil
}

// script reads a file: in a transaction where its name says so, else in the pieces between the lines that divide it, each sent as it is.
func (bun) script(d *Dir, rel string) (s foreign.Script, err error) {
	if _, _, _, tx, _ := bunFile(rel); tx {
		return d.Whole(rel, foreign.Wrapped)
	}
	text, err := d.Read(rel)
	if err != nil || !bytes.Contains(text, []byte("--bun:split")) {
		if err == nil {
			s, err = d.oneMessage(rel)
		}
		return s, err
	}
	if s, err = d.Whole(rel, foreign.Single); err != nil {
		return s, err
	}
	s.Units = nil
	var piece strings.Builder
	lines := 0
	cut := func() {
		one := foreign.Cut(s.Path, []byte(piece.String()), foreign.OneQuery)
		s.Units = append(s.Units, one.Units...)
		piece.Reset()
		// Empty lines keep the places of what follows.
		piece.WriteString(strings.Repeat("\n", lines))
	}
	for line := range strings.Lines(s.Text) {
		lines++
		if strings.HasPrefix(line, "--bun:split") {
			cut()
			continue
		}
		piece.WriteString(line)
	}
	cut()
	return s, nil
}
