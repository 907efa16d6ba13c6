package legacy

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
)

// sequelize reads "SequelizeMeta" of Sequelize's command line and of Umzug: a row per file name, with its ending, deleted when it is taken back.
// It keeps no time; createdAt, where the table has it, is the row's.
type sequelize struct{ unlocked }

func (sequelize) Tool() Tool { return Sequelize }

// Find takes tables of one column with names of files, perhaps with an id and Sequelize's two times. "SequelizeData" and their like are of
// seeds, which are no migrations.
func (sequelize) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		s := suspect{tool: Sequelize, usual: strings.EqualFold(t.Table, "SequelizeMeta"), why: "its one column of file names"}
		if s.usual && t.Has("from", "to") {
			s.layout, s.why = "1", "its name and its columns from and to"
			return s, true
		}
		column := sequelizeColumn(t)
		// Umzug's own table has names for a key and Sequelize's two times; people who rename it mostly leave the tool's name in it.
		lower := strings.ToLower(t.Table)
		named := len(t.Columns) == 3 && t.Has("createdAt", "updatedAt") && slices.Equal(t.Key, []string{column}) || strings.Contains(lower, "umzug") || strings.Contains(lower, "sequelize")
		s.form = func(r Row) form {
			name := r.Text(column)
			switch file, dated := sequelizeName(name); {
			case name == "":
				return silent
			case strings.Contains(lower, "seed") || t.Table == "SequelizeData":
				return alien
			case dated && file || umzugStamp(name), file && numbered(name) && named:
				return marked
			default:
				return fit(file && digits(name) > 0)
			}
		}
		return s, column != "" || s.usual && t.Has("name "+texts)
	})
}

// sequelizeColumn is the column of names; empty where the table has another form.
func sequelizeColumn(t *Table) (column string) {
	for _, c := range t.Columns {
		switch {
		case slices.Contains([]string{"createdAt", "updatedAt", "created_at", "updated_at"}, c.Name):
		case c.Name == "id" && slices.Contains(strings.Split(integers, "|"), c.Base()):
		case column == "" && slices.Contains(strings.Split(texts, "|"), c.Base()):
			column = c.Name
		default:
			return ""
		}
	}
	return column
}

// sequelizeName reports whether a name is that of a program or of SQL, and whether it begins with a date and time.
func sequelizeName(name string) (file, dated bool) {
	_, code := language(name)
	return slices.Contains(scripted, code) || code == "SQL", stamp(name)
}

// numbered reports whether a name begins with a number that something divides from the rest.
func numbered(name string) bool {
	version, rest := cutStamp(name)
	return version != "" && strings.Contains(rest, ".")
}

// umzugStamp reports whether a name begins like 2024.01.31T12.30.00, as Umzug creates files.
func umzugStamp(name string) bool {
	return len(name) > 20 && name[4] == '.' && name[7] == '.' && name[10] == 'T' && name[13] == '.' && name[16] == '.' &&
		stamp(name[:4]+name[5:7]+name[8:10]+name[11:13]+name[14:16]+name[17:19])
}

// Read takes rows by name, as the tool does.
func (sequelize) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	t := q.Database.Lookup(q.Source.Schema, q.Source.Table)
	if t == nil || q.Source.Layout == "1" {
		h.problem(Unreadable, "", "bring it to the newer form with sequelize db:old_schema of sequelize-cli 2, and import again",
			"%s is of Sequelize 1, which recorded ranges (from, to) and not the files that ran", q.Source)
		return nil
	}
	column := cmp.Or(sequelizeColumn(t), "name")
	slices.SortStableFunc(rows, byText(column))
	for _, r := range rows {
		name := r.Text(column)
		if name == "" {
			h.unnamed(r, column)
			continue
		}
		e := Entry{Key: sequelizeKey(name), State: Applied, Row: r.Raw()}
		e.Version, e.Name = cutSequelize(e.Key)
		if column := firstOf(r, "createdAt", "created_at"); column != "" {
			e.AppliedAt, e.Local = r.Time(column)
		}
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// firstOf is the first of some columns that has a value; empty where none has.
func firstOf(r Row, columns ...string) string {
	for _, c := range columns {
		if r.Has(c) {
			return c
		}
	}
	return ""
}

// sequelizeKey is a name without the ending, also of SQL.
func sequelizeKey(name string) string {
	if _, code := language(name); code == "SQL" {
		return name[:len(name)-len(".sql")]
	}
	return bare(name)
}

func cutSequelize(key string) (version, name string) {
	if umzugStamp(key) {
		return key[:19], strings.TrimLeft(key[19:], ".-_")
	}
	return cutStamp(key)
}

// Files takes the programs of the directory of migrations, and with Umzug its SQL files, whose ways back have the same name in a directory down.
func (sequelize) Files(d *Dir, h *History) (out []File, err error) {
	all := d.hunt(h, quarry{
		codes: append([]string{"SQL"}, scripted...), loose: true, key: func(p *program) string { return p.stem },
		strict: func(p *program) bool { return stamp(p.stem) || umzugStamp(p.stem) },
	})
	for i := range all {
		p := &all[i]
		if p.code == "SQL" && path.Base(p.dir) == "down" {
			continue
		}
		f, err := p.file(d)
		if err != nil {
			return nil, err
		}
		f.Version, f.Name = cutSequelize(f.Key)
		if p.code == "SQL" {
			if err := f.plain(d, path.Join(p.dir, "down", path.Base(p.rel)), foreign.OneQuery); err != nil {
				return nil, err
			}
		}
		out = append(out, f)
	}
	sortByBase(out)
	return out, nil
}

// plain reads a file as SQL in one piece, with the way back in another file where there is one.
func (f *File) plain(d *Dir, down string, mode foreign.Mode) (err error) {
	f.SQL = &SQL{}
	if f.SQL.Up, err = d.Whole(f.Path, mode); err != nil || !d.Has(down) {
		return err
	}
	f.Others = append(f.Others, down)
	f.SQL.Down, err = d.Whole(down, mode)
	f.SQL.HasDown = len(f.SQL.Down.Statements()) > 0
	return err
}

// Verify notes where the ending is another one.
func (sequelize) Verify(e *Entry, f *File, _ *History) (FileState, string) { return otherEnding(e, f) }
