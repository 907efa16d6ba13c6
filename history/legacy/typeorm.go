package legacy

import (
	"context"
	"regexp"
	"slices"
	"strings"
)

// typeORM reads migrations of TypeORM: a row per class, whose name ends in the thirteen digits of its time of creation, deleted when it is
// taken back. It keeps no time of the run.
type typeORM struct{ codeOnly }

func (typeORM) Tool() Tool { return TypeORM }

// Find takes tables of timestamp (bigint) and name where the name ends in the timestamp.
func (typeORM) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		s := suspect{tool: TypeORM, common: t.Table == "migrations", why: "its columns timestamp and name, and its rows, which are classes whose names end in the timestamp"}
		s.form = func(r Row) form {
			name, at := r.Text("name"), r.Text("timestamp")
			switch {
			case name == "":
				return silent
			case len(at) == 13 && digits(at) == 13 && strings.HasSuffix(name, at):
				return marked
			}
			return alien
		}
		return s, t.Within([]string{"timestamp bigint|numeric", "name " + texts}, []string{"id " + integers})
	})
}

// Read takes rows by their ID, as the tool does; the oldest tables have only the timestamp.
func (typeORM) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, each(byInt("id"), byInt("timestamp")))
	for _, r := range rows {
		if r.Text("name") == "" {
			h.unnamed(r, "name")
			continue
		}
		e := Entry{Key: r.Text("name"), Version: r.Text("timestamp"), State: Applied, Row: r.Raw()}
		e.Name = strings.TrimSuffix(e.Key, e.Version)
		h.Entries = append(h.Entries, e)
	}
	return nil
}

var (
	typeORMClass = regexp.MustCompile(`\bclass\s+([\pL_$][\pL\pN_$]*\d{13})\b`)
	// A migration may give its name itself; compiled ones do so in the constructor.
	typeORMName = regexp.MustCompile("\\bname\\s*(?::\\s*string\\s*)?=\\s*['\"`]([^'\"`\\n]*\\d{13})['\"`]")
)

// typeORMNames are the migrations in a program, by the names that the tool records. Without any in the text, the file's own name tells.
func typeORMNames(p *program, text []byte) (out []string) {
	for _, m := range typeORMClass.FindAllSubmatch(text, -1) {
		if !slices.Contains(out, string(m[1])) {
			out = append(out, string(m[1]))
		}
	}
	if names := typeORMName.FindAllSubmatch(text, -1); len(names) == 1 && len(out) < 2 {
		return []string{string(names[0][1])}
	}
	if len(out) == 0 && digits(p.stem) == 13 {
		version, rest := cutStamp(p.stem)
		return []string{rest + version}
	}
	return out
}

// Files takes programs that are called TIMESTAMP-Name or lie in a directory of migrations, and looks into them for the names of classes.
func (typeORM) Files(d *Dir, h *History) (out []File, err error) {
	names := map[string][]string{}
	recorded := h.recorded()
	all := d.hunt(h, quarry{
		codes: []string{"JavaScript", "TypeScript"}, nested: true, strict: func(p *program) bool { return digits(p.stem) == 13 },
		key: func(p *program) string {
			if digits(p.stem) != 13 && !p.within(func(part string) bool { return strings.HasPrefix(part, "migration") }) {
				return ""
			}
			text, failed := d.Read(p.rel)
			if failed != nil {
				err = failed
				return ""
			}
			found := typeORMNames(p, text)
			names[p.rel] = found
			if i := slices.IndexFunc(found, func(n string) bool { return recorded[n] }); i >= 0 {
				return found[i]
			}
			return strings.Join(found[:min(len(found), 1)], "")
		},
	})
	if err != nil {
		return nil, err
	}
	for i := range all {
		for _, name := range names[all[i].rel] {
			f, err := all[i].file(d)
			if err != nil {
				return nil, err
			}
			f.Key, f.Version = name, name[max(0, len(name)-13):]
			f.Name = strings.TrimSuffix(name, f.Version)
			out = append(out, f)
		}
	}
	sortByNumber(out)
	return out, nil
}
