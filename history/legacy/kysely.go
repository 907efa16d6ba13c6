package legacy

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
)

// kysely reads kysely_migration of Kysely's migrator: a row per file with the time as text, deleted when it is taken back.
type kysely struct{ codeOnly }

func (kysely) Tool() Tool { return Kysely }

// kyselyLock is the key of the migrator's lock on PostgreSQL: of the session in newer versions, of the transaction before.
const kyselyLock = 3853314791062309107

// Keys is that of the migrator.
func (kysely) Keys(*Database, *Source) []int64 { return []int64{kyselyLock} }

// Find takes tables of a name and a time as text that have Kysely's name or its lock table beside them: such columns alone are any table's.
func (kysely) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		s := suspect{tool: Kysely, usual: t.Table == "kysely_migration", why: "its columns name and timestamp, both text"}
		for i := range db.Tables {
			lock := &db.Tables[i]
			near := lock.Table == t.Table+"_lock" || lock.Table == t.Table+"_locks" || strings.Contains(lock.Table, "migration") && strings.Contains(lock.Table, "lock")
			if near && lock.Schema == t.Schema && lock.Is("id "+texts, "is_locked "+integers) {
				s.beside = append(s.beside, lock.Name)
			}
		}
		s.form = func(r Row) form {
			if r.Text("name") == "" {
				return silent
			}
			if _, err := time.Parse("2006-01-02T15:04:05.000Z", r.Text("timestamp")); err != nil {
				return alien
			}
			if len(s.beside) > 0 {
				return marked
			}
			return fitting
		}
		if len(s.beside) > 0 {
			s.why += ", and its lock table"
			s.common = strings.HasPrefix(s.beside[0].Table, t.Table)
		}
		return s, t.Is("name "+texts, "timestamp "+texts) || s.usual && t.Has("name "+texts, "timestamp")
	})
}

// Read takes rows by time and name, as the tool does.
func (kysely) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, each(byText("timestamp"), byText("name")))
	for _, r := range rows {
		name := r.Text("name")
		if name == "" {
			h.unnamed(r, "name")
			continue
		}
		e := Entry{Key: name, State: Applied, Row: r.Raw()}
		e.Version, e.Name = cutKysely(name)
		if e.AppliedAt, e.Local = r.Time("timestamp"); e.AppliedAt.IsZero() && r.Has("timestamp") {
			e.Note = "its time cannot be read: " + shorten(r.Text("timestamp"))
		}
		h.Entries = append(h.Entries, e)
	}
	h.kyselyOrder()
	return q.rowLocks(ctx, h, "let it end; where nothing of Kysely runs, UPDATE the row to is_locked = 0 after looking what was left behind, and import again")
}

// kyselyOrder expects names in their order, unless one ran late, as allowUnorderedMigrations lets it.
func (h *History) kyselyOrder() {
	h.InOrder = slices.IsSortedFunc(h.Entries, func(a, b Entry) int { return strings.Compare(a.Key, b.Key) })
}

// kyselyDated is a name that begins with a date, as the tool's documentation has it: 2024-01-31_name, 2024-01-31T12-00-00_name, 2024-01-name.
var kyselyDated = regexp.MustCompile(`^(\d{4}-\d{2}(?:-\d{2}(?:T[0-9:.-]*[0-9]Z?)?)?)[-_](\D.*)$`)

// cutKysely divides a name that begins with a date or a number.
func cutKysely(name string) (version, rest string) {
	if m := kyselyDated.FindStringSubmatch(name); m != nil {
		return m[1], m[2]
	}
	return cutStamp(name)
}

// Files takes the programs of the directory of migrations.
func (kysely) Files(d *Dir, h *History) ([]File, error) {
	out, err := collect(d, d.hunt(h, quarry{
		codes: []string{"JavaScript", "TypeScript"}, loose: true, key: func(p *program) string { return p.stem },
		strict: func(p *program) bool { return digits(p.stem) >= 4 },
	}))
	for i := range out {
		out[i].Version, out[i].Name = cutKysely(out[i].Key)
	}
	sortByBase(out)
	return out, err
}
