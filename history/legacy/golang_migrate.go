package legacy

import (
	"context"
	"fmt"
	"hash/crc32"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
)

// golangMigrate reads schema_migrations of golang-migrate: one row that says where the database is. Its first line (mattes/migrate 1)
// kept a row per version, without a mark for failures.
type golangMigrate struct{ codeOnly }

func (golangMigrate) Tool() Tool { return GolangMigrate }

// rowPerVersion is the layout of the first line.
const rowPerVersion = "1"

// Keys are those of the tool's advisory lock. Its salted sum was made of the database alone first, then of the schema too, then of the
// table; the database is with the slash of the URL's path where the tool was given a URL.
func (golangMigrate) Keys(db *Database, s *Source) (out []int64) {
	for _, name := range []string{"/" + db.Name, db.Name} {
		for _, before := range []string{s.Schema + "\x00" + s.Table + "\x00", s.Schema + "\x00", ""} {
			const salt = 1486364155
			out = append(out, int64(crc32.ChecksumIEEE([]byte(before+name))*salt))
		}
	}
	return out
}

// Find takes tables of a version and a mark. Those with many rows, and those in Hasura's schema, are Hasura's.
func (g golangMigrate) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		first := t.Is("version bigint|integer") && t.Table == "schema_migrations"
		if !first && !t.Is("version bigint|integer|numeric", "dirty boolean") {
			continue
		}
		s, err := db.source(ctx, t, GolangMigrate, Possible, "its columns version and dirty, and its one row")
		if err != nil {
			return nil, err
		}
		switch {
		case first:
			s.Layout, s.Why = rowPerVersion, "its one column version and its name"
			if s.Rows > 0 && slices.Equal(t.Key, []string{"version"}) {
				s.Strength = Likely
			}
		case t.Schema == hasuraSchema:
		case s.Rows > 1:
			rows, err := db.Sample(ctx, t, sampled)
			if err != nil {
				return nil, err
			}
			if strings.Contains(t.Table, "migration") && !everyRow(rows, isHasuraRow) {
				s.Strength = Likely
			}
		case slices.Equal(t.Key, []string{"version"}) && t.Column("dirty").NotNull:
			s.Strength = Sure
		case strings.Contains(t.Table, "migration"):
			s.Strength = Likely
		}
		if lock := db.Lookup(t.Schema, "schema_lock"); lock != nil && lock.Is("lock_id bigint|integer") {
			s.Beside = append(s.Beside, lock.Name)
		}
		out = append(out, s)
	}
	return out, nil
}

// sampled is how many rows are looked at to see whether they have a tool's form.
const sampled = 1000

// Read takes the one row; Infer does the rest.
func (g golangMigrate) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byInt("version"))
	for _, r := range rows {
		g.row(h, r)
	}
	if n := len(rows); n > 1 && h.Source.Layout == "" {
		h.problem(Unreadable, "", "leave the row of the version where the database is: migrate force VERSION", "%s has %d rows, and golang-migrate keeps one", &h.Source, n)
	}
	for _, name := range q.Source.Beside {
		locks, err := q.RowsOf(ctx, name.Schema, name.Table)
		if err != nil {
			return err
		}
		if len(locks) > 0 {
			h.running("golang-migrate holds its lock in %s (lock_id %s); where no golang-migrate runs any more, delete that row", name.SQL(), locks[0].Text("lock_id"))
		}
	}
	return nil
}

func (golangMigrate) row(h *History, r Row) {
	v, ok := r.Int("version")
	dirty, marked := r.Bool("dirty")
	switch {
	case !ok || v < -1 || h.Source.Layout == "" && !marked:
		h.cannotRead(r, "version %q, dirty %q", r.Text("version"), r.Text("dirty"))
		return
	case dirty:
		h.problem(Dirty, strconv.FormatInt(v, 10),
			fmt.Sprintf("look at what of it is in the database, complete it or take it back by hand, then say so: migrate force %d where it is complete, migrate force and the version before it where nothing of it is left", v),
			"golang-migrate marked the database as dirty at version %d: a migration to it failed", v)
	}
	if v == -1 {
		h.Markers = append(h.Markers, Marker{"nothing has run (version -1)", r.Raw()})
		return
	}
	e := Entry{Version: strconv.FormatInt(v, 10), State: Applied, Row: r.Raw()}
	if dirty {
		e.State, e.Note = Failed, "marked as dirty"
	}
	h.Entries = append(h.Entries, e)
}

// Infer takes all files up to the position as applied.
func (golangMigrate) Infer(h *History) {
	if len(h.Entries) != 1 {
		h.InOrder = h.Source.Layout == rowPerVersion // it goes on from the highest row
		return
	}
	at := h.Entries[0].Version
	if !h.HasDir {
		h.note("golang-migrate keeps only the version where the database is (" + at + "): which migrations led there, only their files tell (--legacy DIR)")
		return
	}
	h.inferUpTo(h.Entries[0])
	if len(h.Entries) > 1 {
		h.note("golang-migrate keeps only the version where the database is: that the " + strconv.Itoa(len(h.Entries)-1) +
			" files before it ran is inferred. It passes over a file that was added later with a lower number, and that cannot be told")
	}
}

// golangFile splits 1_name.up.sql.
func golangFile(rel string) (version, name, direction string, ok bool) {
	digits, rest := digitsFirst(path.Base(rel))
	rest, under := strings.CutPrefix(rest, "_")
	if digits == "" || !under {
		return "", "", "", false
	}
	// The name may have dots of its own: the last .up. or .down. divides it from the ending.
	up, down := strings.LastIndex(rest, ".up."), strings.LastIndex(rest, ".down.")
	switch {
	case up < 0 && down < 0:
		return "", "", "", false
	case up > down:
		return plainNumber(digits), rest[:up], "up", true
	}
	return plainNumber(digits), rest[:down], "down", true
}

// Files pairs 1_name.up.sql with 1_name.down.sql by version, as the tool does.
func (golangMigrate) Files(d *Dir, h *History) (out []File, err error) {
	all := slices.DeleteFunc(slices.Clone(d.Paths), func(p string) bool { _, _, _, ok := golangFile(p); return !ok })
	all = h.homeOf(all, func(rel string) string { version, _, _, _ := golangFile(rel); return version })
	downs := map[string]string{}
	for _, rel := range all {
		if version, _, direction, _ := golangFile(rel); direction == "down" {
			downs[path.Dir(rel)+"/"+version] = rel
		}
	}
	for _, rel := range all {
		version, name, direction, _ := golangFile(rel)
		if direction != "up" {
			continue
		}
		f := File{Version: version, Name: name, Path: rel, SQL: &SQL{}}
		if f.Text, err = d.Read(rel); err != nil {
			return nil, err
		}
		if f.SQL.Up, err = d.oneMessage(rel); err != nil {
			return nil, err
		}
		if n := len(f.SQL.Up.Units); n > 1 && !slices.ContainsFunc(f.SQL.Up.Units, func(u foreign.Unit) bool { return u.OneMessage || u.Transactional }) {
			h.note(fmt.Sprintf("%s is taken as %d statements sent one by one (x-multi-statement): the server refuses it in one message", rel, n))
		}
		key := path.Dir(rel) + "/" + version
		if down, ok := downs[key]; ok {
			delete(downs, key)
			if err := d.wayBack(&f, down); err != nil {
				return nil, err
			}
		}
		out = append(out, f)
	}
	for _, rel := range downs {
		version, name, _, _ := golangFile(rel)
		f := File{Version: version, Name: name, Path: rel, SQL: &SQL{}, Settled: "it has only a way back"}
		if f.Text, err = d.Read(rel); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	sortByNumber(out)
	return out, nil
}
