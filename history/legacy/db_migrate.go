package legacy

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
)

// dbMigrate reads migrations of db-migrate: a row per file, deleted when it is taken back. Names begin with "/", or with a scope and "/".
type dbMigrate struct{ codeOnly }

func (dbMigrate) Tool() Tool { return DBMigrate }

// Find takes tables of name and run_on whose names have db-migrate's form; seeds, which it keeps in a table of the same columns, are none.
func (dbMigrate) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		s := suspect{tool: DBMigrate, common: t.Table == "migrations", why: "its columns name and run_on, and its rows, which are names of db-migrate's files"}
		if state := db.Lookup(t.Schema, "migration_state"); state != nil && state.Has("key", "value", "run_on") && s.common {
			s.beside = append(s.beside, state.Name)
		}
		s.form = func(r Row) form {
			name := r.Text("name")
			_, file, scoped := cutScope(name)
			switch {
			case name == "":
				return silent
			case strings.Contains(strings.ToLower(t.Table), "seed"):
				return alien
			case scoped && dbMigrateDated(file):
				return marked
			}
			return fit(dbMigrateDated(file) || strings.HasPrefix(name, "/") && digits(file) > 0)
		}
		return s, t.Within([]string{"name " + texts, "run_on " + times}, []string{"id " + integers}) && t.Table != "pgmigrations"
	})
}

// dbMigrateDated reports whether a name is YYYYMMDDhhmmss-title.
func dbMigrateDated(name string) bool {
	return digits(name) == 14 && stamp(name) && len(name) > 15 && name[14] == '-'
}

// cutScope divides what the tool recorded: "/name" has an empty scope, "tenant/name" has one.
func cutScope(name string) (scope, file string, ok bool) {
	at := strings.LastIndexByte(name, '/')
	if at < 0 {
		return "", name, false
	}
	return strings.Trim(name[:at], "/"), name[at+1:], true
}

// dbMigrateKey is a recorded name without the leading slash.
func dbMigrateKey(name string) string { return bare(strings.TrimLeft(name, "/")) }

// Read takes rows by time, then by name, as the tool does.
func (dbMigrate) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, each(byTime("run_on"), byText("name"), byInt("id")))
	for _, r := range rows {
		e := Entry{Key: dbMigrateKey(r.Text("name")), State: Applied, Row: r.Raw()}
		if e.Key == "" {
			h.unnamed(r, "name")
			continue
		}
		scope, file, _ := cutScope(e.Key)
		if e.Version, e.Name = cutStamp(file); scope != "" {
			e.Note = "of the scope " + scope
		}
		e.AppliedAt, e.Local = r.Time("run_on")
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// Files takes YYYYMMDDhhmmss-title.js and its like. Those that do nothing but run the SQL files beside them (db-migrate create --sql-file) are SQL.
func (dbMigrate) Files(d *Dir, h *History) (out []File, err error) {
	recorded := h.recorded()
	all := d.hunt(h, quarry{
		codes: scripted, strict: func(p *program) bool { return dbMigrateDated(p.stem) },
		key: func(p *program) string {
			if scoped := path.Base(p.dir) + "/" + p.stem; recorded[scoped] {
				return scoped
			}
			return p.stem
		},
	})
	for i := range all {
		f, err := all[i].file(d)
		if err != nil {
			return nil, err
		}
		if err := f.dbMigrateSQL(d, &all[i]); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	sortByBase(out)
	return out, nil
}

// dbMigrateCall is a call to the database in a migration.
var dbMigrateCall = regexp.MustCompile(`\bdb\s*\.\s*(\w+)\s*\(\s*(\w*)`)

// dbMigrateSQL makes a migration SQL when its program is as the tool creates it: its only calls send a text that it read, and it names the files.
func (f *File) dbMigrateSQL(d *Dir, p *program) error {
	up, down := path.Join(p.dir, "sqls", p.stem+"-up.sql"), path.Join(p.dir, "sqls", p.stem+"-down.sql")
	if !d.Has(up) || !strings.Contains(string(f.Text), path.Base(up)) {
		return nil
	}
	for _, call := range dbMigrateCall.FindAllStringSubmatch(string(f.Text), -1) {
		if call[1] != "runSql" || call[2] != "data" {
			f.Others = append(f.Others, up)
			return nil
		}
	}
	f.Others, f.SQL = append(f.Others, up), &SQL{}
	var err error
	if f.SQL.Up, err = d.Whole(up, foreign.Wrapped); err != nil || !d.Has(down) {
		return err
	}
	f.Others = append(f.Others, down)
	f.SQL.Down, err = d.Whole(down, foreign.Wrapped)
	f.SQL.HasDown = len(f.SQL.Down.Statements()) > 0
	return err
}
