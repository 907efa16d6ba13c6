package legacy

import (
	"context"
	"regexp"
	"slices"
	"strings"
)

// doctrine reads doctrine_migration_versions of Doctrine Migrations 3, where a row has the full name of a class, and migration_versions of 1 and
// 2, where it has the digits alone. Rows are deleted when a migration is taken back.
type doctrine struct{ codeOnly }

func (doctrine) Tool() Tool { return Doctrine }

// Find takes tables of version, executed_at and execution_time, and the smaller ones of the older layouts where name or rows say more.
func (doctrine) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		s := suspect{tool: Doctrine, usual: t.Table == "doctrine_migration_versions", common: t.Table == "migration_versions", why: "its column version, whose rows are names of Doctrine's classes"}
		switch {
		case t.Is("version "+texts, "executed_at "+times, "execution_time "+integers):
			s.layout = "3"
		case t.Is("version "+texts, "executed_at "+times):
			s.layout = "2"
		case t.Is("version " + texts):
			s.layout = "1"
		default:
			return s, false
		}
		s.form = func(r Row) form {
			class := r.Text("version")
			version := doctrineDigits(class)
			switch {
			case class == "":
				return silent
			case strings.Contains(class, `\`) && version != "", s.layout == "3" && stamp(version):
				return marked
			}
			// A column of fourteen digits alone is what several tools keep: only Doctrine's own names say that it is Doctrine's.
			return fit(stamp(version) && (s.layout == "2" || s.common))
		}
		return s, true
	})
}

// doctrineDigits are those of a version: the digits themselves, or what stands behind Version in the name of the class.
func doctrineDigits(class string) string {
	base := class[strings.LastIndexByte(class, '\\')+1:]
	base = strings.TrimPrefix(base, "Version")
	if base != "" && digits(base) == len(base) {
		return base
	}
	return ""
}

// Read takes rows by time, then by version, as the tool does.
func (doctrine) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, each(byTime("executed_at"), byText("version")))
	for _, r := range rows {
		class := r.Text("version")
		if class == "" {
			h.unnamed(r, "version")
			continue
		}
		e := Entry{Key: class, Version: doctrineDigits(class), State: Applied, Row: r.Raw()}
		if e.Version == "" {
			e.Name = class[strings.LastIndexByte(class, '\\')+1:]
		}
		e.AppliedAt, e.Local = r.Time("executed_at")
		if ms, ok := r.Int("execution_time"); ok {
			e.Duration = millis(ms)
		} else if q.Source.Layout == "3" {
			e.Note = "without a duration: recorded by version --add or by an older version of the tool"
		}
		h.Entries = append(h.Entries, e)
	}
	return nil
}

var (
	phpNamespace = regexp.MustCompile(`(?m)^\s*(?:<\?php\s+)?namespace\s+([\w\\]+)\s*[;{]`)
	phpClass     = regexp.MustCompile(`\bclass\s+(\w+)`)
)

// phpClassName is the full name of the class of a file, which is called like the file; empty where the file has none.
func phpClassName(text []byte, base string) string {
	for _, class := range phpClass.FindAllSubmatch(text, -1) {
		if string(class[1]) != base {
			continue
		}
		if space := phpNamespace.FindSubmatch(text); space != nil {
			return string(space[1]) + `\` + base
		}
		return base
	}
	return ""
}

// Files takes Version….php wherever it lies, and other classes where they are recorded. A file is known by what is recorded of it: the full name, or
// the digits.
func (doctrine) Files(d *Dir, h *History) (out []File, err error) {
	recorded := h.recorded()
	full := len(recorded) == 0 && h.Source.Layout == "3"
	for key := range recorded {
		full = full || strings.Contains(key, `\`)
	}
	strict := func(p *program) bool { return strings.HasPrefix(p.stem, "Version") && doctrineDigits(p.stem) != "" }
	all := d.hunt(h, quarry{codes: []string{"PHP"}, anywhere: true, strict: strict, key: func(p *program) string {
		if !strict(p) && !slices.ContainsFunc(h.Entries, func(e Entry) bool { return strings.HasSuffix(e.Key, `\`+p.stem) }) {
			return ""
		}
		text, failed := d.Read(p.rel)
		if failed != nil {
			err = failed
			return ""
		}
		class, version := phpClassName(text, p.stem), doctrineDigits(p.stem)
		switch {
		case recorded[class]:
			return class
		case version != "" && recorded[version]:
			return version
		case version != "" && recorded["Version"+version]:
			return "Version" + version
		case full && class != "":
			return class
		}
		return version
	}})
	if err != nil {
		return nil, err
	}
	if out, err = collect(d, all); err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Version, out[i].Name = doctrineDigits(stem(out[i].Path)), ""
		if out[i].Version == "" {
			out[i].Name = stem(out[i].Path)
		}
	}
	sortByNumber(out)
	return out, nil
}
