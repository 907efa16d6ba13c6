package legacy

import (
	"cmp"
	"context"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pleatdb/pleat/history/foreign"
)

// nodePgMigrate reads pgmigrations of node-pg-migrate: a row per file, deleted when it is taken back. All rows of a run have one time.
type nodePgMigrate struct{ codeOnly }

func (nodePgMigrate) Tool() Tool { return NodePgMigrate }

// nodePgLock is the key that the tool locks unless it is given another one or told not to.
const nodePgLock = 7241865325823964

// Keys is the default.
func (nodePgMigrate) Keys(*Database, *Source) []int64 { return []int64{nodePgLock} }

// Find takes tables of name and run_on with the tool's name or its names of files; those of db-migrate have the same columns.
func (nodePgMigrate) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		s := suspect{tool: NodePgMigrate, usual: t.Table == "pgmigrations", why: "its columns name and run_on, and its rows, which are names of node-pg-migrate's files"}
		s.form = func(r Row) form {
			name := r.Text("name")
			n := digits(name)
			switch {
			case name == "":
				return silent
			case n == 13 && nodePgDivided(name, n) || n == 17 && stamp(name) && nodePgDivided(name, n):
				return marked
			}
			return fit(n > 0 && nodePgDivided(name, n) && !dbMigrateDated(name))
		}
		return s, t.Within([]string{"name " + texts, "run_on " + times}, []string{"id " + integers}) || s.usual && t.Has("name "+texts, "run_on")
	})
}

func nodePgDivided(name string, n int) bool {
	return len(name) > n+1 && strings.IndexByte("_-", name[n]) >= 0
}

// Read takes rows by time and then by ID, as the tool does.
func (nodePgMigrate) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, each(byTime("run_on"), byInt("id")))
	for _, r := range rows {
		if r.Text("name") == "" {
			h.unnamed(r, "name")
			continue
		}
		e := Entry{Key: r.Text("name"), State: Applied, Row: r.Raw()}
		e.Version, e.Name = cutStamp(e.Key)
		e.AppliedAt, e.Local = r.Time("run_on")
		h.Entries = append(h.Entries, e)
	}
	h.expectOrder(func(a, b string) int { return compareNumbers(nodePgMillis(a), nodePgMillis(b)) }) // --no-check-order
	return nil
}

// Files takes NUMBER_name as program or SQL, and pairs of NUMBER_name.up.sql and .down.sql.
func (nodePgMigrate) Files(d *Dir, h *History) (out []File, err error) {
	recorded := h.recorded()
	key := func(p *program) string {
		if p.code != "SQL" || recorded[p.stem] {
			return p.stem
		}
		if strings.HasSuffix(p.stem, ".down") {
			return ""
		}
		return strings.TrimSuffix(p.stem, ".up")
	}
	all := d.hunt(h, quarry{
		codes: []string{"JavaScript", "TypeScript", "SQL"}, loose: true, key: key,
		strict: func(p *program) bool { n := digits(p.stem); return n > 0 && nodePgDivided(p.stem, n) },
	})
	for i := range all {
		p := &all[i]
		f, err := p.file(d)
		if err != nil {
			return nil, err
		}
		f.Version, f.Name = cutStamp(f.Key)
		if p.code == "SQL" {
			if err := f.nodePgSQL(d, p); err != nil {
				return nil, err
			}
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b File) int {
		return cmp.Or(compareNumbers(nodePgMillis(a.Version), nodePgMillis(b.Version)), strings.Compare(a.Path, b.Path))
	})
	return out, nil
}

// nodePgMillis makes milliseconds of 17 digits, as the tool does to order them among those of 13: year to millisecond, UTC.
func nodePgMillis(version string) string {
	if len(version) != 17 {
		return version
	}
	at, err := time.Parse("20060102150405.000", version[:14]+"."+version[14:])
	if err != nil {
		return version
	}
	return strconv.FormatInt(at.UnixMilli(), 10)
}

// nodePgSQL reads a file with both ways in it, or that leads up beside one that leads back. The tool opens the transaction.
func (f *File) nodePgSQL(d *Dir, p *program) error {
	if p.stem != p.key {
		return f.plain(d, path.Join(p.dir, p.key+".down.sql"), foreign.Wrapped)
	}
	up, down := nodePgHalves(string(f.Text))
	f.SQL = &SQL{Up: foreign.Cut(p.rel, []byte(up), foreign.Wrapped)}
	if down != "" {
		f.SQL.Down = foreign.Cut(p.rel, []byte(down), foreign.Wrapped)
		f.SQL.HasDown = len(f.SQL.Down.Statements()) > 0
	}
	return nil
}

var (
	nodePgUp   = regexp.MustCompile(`(?im)^\s*--[\s-]*up\s+migration`)
	nodePgDown = regexp.MustCompile(`(?im)^\s*--[\s-]*down\s+migration`)
)

// nodePgHalves divides a text at the tool's markers. Lines keep their places: what belongs to the other half becomes empty lines. Without a
// marker of the way up, all of the text leads up, the way back included, because the tool sends it so.
func nodePgHalves(text string) (up, down string) {
	u, d := nodePgUp.FindStringIndex(text), nodePgDown.FindStringIndex(text)
	only := func(from, to int) string {
		return strings.Repeat("\n", strings.Count(text[:from], "\n")) + text[from:to]
	}
	switch {
	case u == nil && d == nil:
		return text, ""
	case u == nil:
		return text, only(d[0], len(text))
	case d == nil:
		return only(u[0], len(text)), ""
	case d[0] < u[0]:
		return only(u[0], len(text)), only(d[0], u[0])
	}
	return only(u[0], d[0]), only(d[0], len(text))
}
