package legacy

import "strings"

// dotted brings a version such as "01.2.0" or "1_2" into the one form that all its spellings share, "1.2"; ok is false where it is no
// version of numbers.
func dotted(version string) (form string, ok bool) {
	parts := strings.Split(strings.ReplaceAll(version, "_", "."), ".")
	for i, p := range parts {
		if p == "" || strings.Trim(p, "0123456789") != "" {
			return "", false
		}
		if parts[i] = strings.TrimLeft(p, "0"); parts[i] == "" {
			parts[i] = "0"
		}
	}
	for len(parts) > 1 && parts[len(parts)-1] == "0" {
		parts = parts[:len(parts)-1]
	}
	return strings.Join(parts, "."), true
}

// spelling has the key for each form of a version: the first spelling that was seen, which is what people see and write.
type spelling map[string]string

// key is the one for a version; for what is no version it is empty.
func (s spelling) key(version string) string {
	form, ok := dotted(version)
	if !ok {
		return ""
	}
	if _, seen := s[form]; !seen {
		s[form] = version
	}
	return s[form]
}

// spelling is that of the entries.
func (h *History) spelling() spelling {
	s := spelling{}
	for i := range h.Entries {
		s.key(h.Entries[i].Version)
	}
	return s
}

// compareDotted orders versions number by number; one that is shorter goes on with zeros.
func compareDotted(a, b string) int {
	x, y := strings.Split(strings.ReplaceAll(a, "_", "."), "."), strings.Split(strings.ReplaceAll(b, "_", "."), ".")
	for i := range max(len(x), len(y)) {
		p, q := "", ""
		if i < len(x) {
			p = x[i]
		}
		if i < len(y) {
			q = y[i]
		}
		if n := compareNumbers(p, q); n != 0 {
			return n
		}
	}
	return 0
}

// dottedLine is where a history of dotted versions stands after all its entries.
type dottedLine struct {
	// present are the keys of what ran and was not taken back.
	present map[string]bool
	// newest is the highest version of those, baseline the highest one up to which everything counts as present; empty for none.
	newest, baseline string
	// late has, for entries that ran after a higher version, that version. Where there are any, the tool was allowed to.
	late map[int]string
}

// remarkLate says of the entries that ran out of order that they did.
func (h *History) remarkLate() {
	for i, after := range h.dottedLine().late {
		h.Entries[i].remark("it ran out of order, after " + after)
	}
}

// dottedLine walks over the entries.
func (h *History) dottedLine() dottedLine {
	l := dottedLine{present: map[string]bool{}, late: map[int]string{}}
	for i := range h.Entries {
		e := &h.Entries[i]
		switch e.State {
		case Applied:
			if l.newest != "" && compareDotted(e.Version, l.newest) < 0 {
				l.late[i] = l.newest
			}
			l.present[e.Key] = true
			l.newest = higher(l.newest, e.Version)
		case Repeatable:
			l.present[e.Key] = true
		case Baseline:
			l.present[e.Key] = true
			l.baseline = higher(l.baseline, e.Version)
		case Undone:
			delete(l.present, e.Key)
			if compareDotted(e.Version, l.newest) == 0 {
				l.newest = h.newestOf(l.present, i)
			}
		}
	}
	return l
}

// newestOf is the highest version among the applied entries before one that are still present.
func (h *History) newestOf(present map[string]bool, before int) (newest string) {
	for i := range h.Entries[:before] {
		if e := &h.Entries[i]; e.State == Applied && present[e.Key] {
			newest = higher(newest, e.Version)
		}
	}
	return newest
}

func higher(a, b string) string {
	if a == "" || compareDotted(a, b) < 0 {
		return b
	}
	return a
}

// gap is the problem of a file that the tool would pass over because a higher version ran.
func (h *History) gap(f *File, newest string) {
	h.problem(Gap, f.Key, "run it with the tool or remove it, or let it pass: --accept gap --reason … makes it a pending migration of pleat",
		"%s has not run, and version %s, which is higher, has: the tool would pass over it", f.Path, newest)
}

// repeatableKey is the key of a script that is known by its description.
func repeatableKey(description string) string {
	return "R__" + strings.ReplaceAll(description, " ", "_")
}
