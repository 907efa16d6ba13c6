package legacy

import (
	"context"
	"regexp"
	"slices"
	"strings"
)

// doctrineOne is the name that Doctrine Migrations 1 and 2 give their table, which in 1 has a single column of digits as others have it too.
const doctrineOne = "migration_versions"

// doctrine reads doctrine_migration_versions of Doctrine Migrations 3, where a row has the full name of a class, and migration_versions of 1 and
// 2, where it has the digits alone. Rows are deleted when a migration is taken back.
type doctrine struct{ codeOnly }

func (doctrine) Tool() Tool { return Doctrine }

// doctrineColumns are the names of the columns, which people may choose.
type doctrineColumns struct{ version, at, took string }

// doctrineColumnsOf finds them by type: one of text and at most one time and one number, the number only with the time. layout is empty where
// the table has another form.
func doctrineColumnsOf(t *Table) (c doctrineColumns, layout string) {
	for _, column := range t.Columns {
		in := func(types string) bool { return slices.Contains(strings.Split(types, "|"), column.Base()) }
		switch {
		case c.version == "" && in(texts):
			c.version = column.Name
		case c.at == "" && in(times):
			c.at = column.Name
		case c.took == "" && in(integers):
			c.took = column.Name
		default:
			return c, ""
		}
	}
	switch {
	case c.version == "" || c.took != "" && c.at == "":
		return c, ""
	case c.took != "":
		return c, "3"
	case c.at != "":
		return c, "2"
	}
	return c, "1"
}

// Find takes tables of version, executed_at and execution_time, and the smaller ones of the older layouts, where name or rows say more.
func (doctrine) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		c, layout := doctrineColumnsOf(t)
		s := suspect{tool: Doctrine, layout: layout, common: t.Table == doctrineOne, why: "its column " + c.version + ", whose rows are names of Doctrine's classes"}
		s.usual = t.Table == "doctrine_migration_versions"
		if layout == "" && s.usual && t.Has("version "+texts) {
			return s, true
		}
		own := c.version == "version" && (layout == "1" || c.at == "executed_at") && (layout != "3" || c.took == "execution_time")
		s.form = func(r Row) form {
			class := r.Text(c.version)
			version := doctrineDigits(class)
			switch {
			case class == "":
				return silent
			case strings.Contains(class, `\`) && version != "", own && layout == "3" && stamp(version):
				return marked
			}
			// A column of fourteen digits alone is what several tools keep: only Doctrine's own names say that it is Doctrine's.
			return fit(stamp(version) && own && (layout == "2" || s.common))
		}
		return s, layout != ""
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
	var c doctrineColumns
	if t := q.Database.Lookup(q.Source.Schema, q.Source.Table); t != nil {
		if c, _ = doctrineColumnsOf(t); q.Source.Layout == "" {
			c = doctrineColumns{"version", "executed_at", "execution_time"}
		}
	}
	slices.SortStableFunc(rows, each(byTime(c.at), byText(c.version)))
	for _, r := range rows {
		class := r.Text(c.version)
		if class == "" {
			h.unnamed(r, c.version)
			continue
		}
		e := Entry{Key: class, Version: doctrineDigits(class), State: Applied, Row: r.Raw()}
		if e.Version == "" {
			e.Name = class[strings.LastIndexByte(class, '\\')+1:]
		}
		e.AppliedAt, e.Local = r.Time(c.at)
		if ms, ok := r.Int(c.took); ok {
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

// Files takes Version….php, also in directories below, and other classes where they are recorded. A file is known by what is recorded of it: the full name, or
// the digits.
func (doctrine) Files(d *Dir, h *History) (out []File, err error) {
	recorded := h.recorded()
	full := len(recorded) == 0 && h.Source.Layout == "3"
	for key := range recorded {
		full = full || strings.Contains(key, `\`)
	}
	classes := map[string]bool{}
	for key := range recorded {
		classes[key[strings.LastIndexByte(key, '\\')+1:]] = true
	}
	strict := func(p *program) bool { return strings.HasPrefix(p.stem, "Version") && doctrineDigits(p.stem) != "" }
	all := d.hunt(h, quarry{codes: []string{"PHP"}, nested: true, strict: strict, key: func(p *program) string {
		if !strict(p) && !classes[p.stem] {
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
