package legacy

import (
	"path"
	"slices"
	"strings"
)

// linked finds, for each row, its changeset: same ID, same author, and a path that ends alike, since the directory that was given need not be
// the one from which Liquibase ran.
type linked struct {
	h *History
	// byID are the entries by ID and author, in lower case, since Liquibase does not tell cases apart.
	byID    map[string][]*Entry
	entries map[*changeSet]*Entry
	taken   map[string]bool
}

func link(h *History) *linked {
	l := &linked{h: h, byID: map[string][]*Entry{}, entries: map[*changeSet]*Entry{}, taken: map[string]bool{}}
	for i := range h.Entries {
		e := &h.Entries[i]
		_, rest, _ := strings.Cut(e.Key, "::")
		rest = strings.ToLower(rest)
		l.byID[rest] = append(l.byID[rest], e)
	}
	return l
}

// asPrinted takes for the ID of a changeset in YAML, which may be a number there, the text under which it was recorded.
func (l *linked) asPrinted(s *changeSet) {
	printed := *s
	if ext := path.Ext(s.file); ext != ".yaml" && ext != ".yml" {
		return
	}
	if printed.id = printedNumber(s.id); printed.id != s.id && l.score(s) == 0 && l.score(&printed) > 0 {
		s.id = printed.id
	}
}

func (s *changeSet) identity() string { return strings.ToLower(s.id + "::" + s.author) }

// score is how well a changeset fits the best of the entries of its ID and author; 0 where none fits.
func (l *linked) score(s *changeSet) (best int) {
	for _, e := range l.byID[s.identity()] {
		best = max(best, nearness(e, s))
	}
	return best
}

// nearness counts what the paths of an entry and a changeset have in common from the end; a logical path must be the same.
func nearness(e *Entry, s *changeSet) int {
	name, _, _ := strings.Cut(e.Key, "::")
	if s.logical != "" {
		if strings.EqualFold(name, changelogPath(s.logical)) {
			return 1000
		}
		return 0
	}
	a, b := strings.Split(name, "/"), strings.Split(changelogPath(s.file), "/")
	n := 0
	for n < len(a) && n < len(b) && strings.EqualFold(a[len(a)-1-n], b[len(b)-1-n]) {
		n++
	}
	switch {
	case n == 0:
		return 0
	case n == len(a) && n == len(b):
		return 1000
	case n == len(a) || n == len(b):
		return 100 + n
	}
	return n
}

// assign gives each entry the changeset that fits best, unless two fit equally well.
func (l *linked) assign(sets []*changeSet) {
	byID := map[string][]*changeSet{}
	for _, s := range sets {
		byID[s.identity()] = append(byID[s.identity()], s)
	}
	type pair struct {
		e    *Entry
		s    *changeSet
		n    int
		twin bool
	}
	var pairs []pair
	for i := range l.h.Entries {
		e := &l.h.Entries[i]
		_, rest, _ := strings.Cut(e.Key, "::")
		best := pair{e: e}
		for _, s := range byID[strings.ToLower(rest)] {
			switch n := nearness(e, s); {
			case n > best.n:
				best = pair{e, s, n, false}
			case n == best.n && n > 0 && n < 1000 && s.file != best.s.file:
				best.twin = true
			}
		}
		if best.twin {
			l.taken[e.Key] = true
			e.File = FileMatch{State: FileMissing, Reason: "several files of the directory have such a changeset: name the directory from which Liquibase ran"}
		} else if best.n > 0 {
			pairs = append(pairs, best)
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return b.n - a.n })
	for _, p := range pairs {
		if l.entries[p.s] == nil {
			l.entries[p.s] = p.e
		}
		if l.entries[p.s].Key == p.e.Key {
			l.taken[p.e.Key] = true
		}
	}
}

// rest are the entries without a changeset.
func (l *linked) rest() (out []*Entry) {
	for i := range l.h.Entries {
		if e := &l.h.Entries[i]; !l.taken[e.Key] {
			out = append(out, e)
		}
	}
	return out
}
