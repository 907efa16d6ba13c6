package foreign

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// flywayName is a file name such as V2.1__add_status.sql, in parts.
type flywayName struct {
	prefix, version, description string
}

func parseFlyway(rel string) (n flywayName, ok bool) {
	base, ok := strings.CutSuffix(path.Base(rel), ".sql")
	if !ok || base == "" || !strings.Contains("VURB", base[:1]) {
		return n, false
	}
	version, description, ok := strings.Cut(base[1:], "__")
	if !ok {
		return n, false
	}
	n = flywayName{base[:1], strings.ReplaceAll(version, "_", "."), strings.ReplaceAll(description, "_", " ")}
	if n.prefix == "R" {
		return n, version == ""
	}
	for part := range strings.SplitSeq(n.version, ".") {
		if part == "" || strings.Trim(part, "0123456789") != "" {
			return n, false
		}
	}
	return n, true
}

func isFlyway(l *listing) bool {
	return slices.ContainsFunc(l.entries, func(e entry) bool { _, ok := parseFlyway(e.rel); return ok })
}

// readFlyway reads Flyway's files of the whole tree: baselines and versions by number, then what is repeated, by description.
func readFlyway(l *listing) (out []File) {
	undo := map[string]string{}
	for _, e := range l.entries {
		if n, ok := parseFlyway(e.rel); ok && n.prefix == "U" {
			undo[n.version] = e.rel
		}
	}
	for _, e := range l.entries {
		n, ok := parseFlyway(e.rel)
		switch {
		case !ok && strings.HasSuffix(e.rel, ".sql") && !strings.Contains(path.Base(e.rel), "__"):
			l.skip(e.rel, "is not called like V1__name.sql, so that Flyway does not run it")
		case !ok && strings.HasSuffix(e.rel, ".sql"):
			l.skip(e.rel, "is called like a file of Flyway, but its version is no number")
		case ok && n.prefix != "U":
			back := ""
			if n.prefix == "V" {
				back = undo[n.version]
				delete(undo, n.version)
			}
			if l.wanted(e.rel, back) {
				out = append(out, l.flyway(n, e.rel, back))
			}
		}
	}
	for _, rel := range undo {
		l.skip(rel, "undoes a version that has no file")
	}
	slices.SortFunc(l.skipped, func(a, b Skipped) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(out, compareFlyway)
	return out
}

func (l *listing) flyway(n flywayName, rel, back string) File {
	read := func(rel string) *script {
		s := l.script(rel)
		s.substitute()
		m := Automatic
		for line := range strings.Lines(l.conf(rel)) {
			key, value, _ := strings.Cut(line, "=")
			if strings.TrimSpace(key) == "executeInTransaction" && strings.EqualFold(strings.TrimSpace(value), "false") {
				m, s.out.NoTransaction = Single, true
			}
		}
		s.whole(m)
		return s
	}
	up := read(rel)
	var down *script
	if back != "" {
		down = read(back)
	}
	f := file(Flyway, n.version, n.description, up, down)
	switch n.prefix {
	case "R":
		f.Kind = Repeatable
	case "B":
		f.Kind = Baseline
	}
	return f
}

// conf is the settings file beside a script.
func (l *listing) conf(rel string) string {
	if !l.has(rel + ".conf") {
		return ""
	}
	return l.head(rel + ".conf")
}

func compareFlyway(a, b File) int {
	if last := b.Kind == Repeatable; (a.Kind == Repeatable) != last {
		if last {
			return -1
		}
		return 1
	}
	if a.Kind == Repeatable {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Path, b.Path))
	}
	x, y := strings.Split(a.Version, "."), strings.Split(b.Version, ".")
	for i := range max(len(x), len(y)) {
		// A version goes on with zeros: 1.0 is 1.
		p, q := "0", "0"
		if i < len(x) {
			p = x[i]
		}
		if i < len(y) {
			q = y[i]
		}
		if c := compareNumbers(p, q); c != 0 {
			return c
		}
	}
	return strings.Compare(a.Path, b.Path)
}
