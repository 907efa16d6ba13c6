package legacy

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// homes are directories that could hold a tool's migrations, each with the paths of those.
type homes map[string][]string

// best picks the directory of which most migrations are recorded; then the one with the most of them, then the upper one. That others
// were left out is said.
func (hs homes) best(h *History, recorded func(rel string) bool) (dir string, paths []string) {
	score := func(dir string) (n int) {
		for _, rel := range hs[dir] {
			if recorded(rel) {
				n++
			}
		}
		return n
	}
	var all []string
	for dir := range hs {
		all = append(all, dir)
	}
	if len(all) == 0 {
		return "", nil
	}
	slices.SortFunc(all, func(a, b string) int {
		for _, n := range []int{score(b) - score(a), len(hs[b]) - len(hs[a]), strings.Count(a, "/") - strings.Count(b, "/")} {
			if n != 0 {
				return n
			}
		}
		return strings.Compare(a, b)
	})
	if len(all) > 1 {
		h.note(fmt.Sprintf("migrations of %s were found in %s too; those in %s were taken: where that is wrong, name the right directory with --legacy",
			h.Source.Tool, strings.Join(all[1:], ", "), all[0]))
	}
	return all[0], hs[all[0]]
}

// numbered are the files with a number as their version, of the one directory that holds those of the history.
func (d *Dir) numbered(h *History, parse func(base string) (version, name string, ok bool)) []string {
	versions := h.numbers()
	hs := homes{}
	for _, rel := range d.Paths {
		if _, _, ok := parse(path.Base(rel)); ok {
			hs[path.Dir(rel)] = append(hs[path.Dir(rel)], rel)
		}
	}
	_, paths := hs.best(h, func(rel string) bool {
		version, name, _ := parse(path.Base(rel))
		recorded, ok := versions[plainNumber(version)]
		return ok && (recorded == "" || recorded == name)
	})
	return paths
}

// numbers are the versions of the entries, as plain numbers, with the names.
func (h *History) numbers() map[string]string {
	out := map[string]string{}
	for i := range h.Entries {
		out[plainNumber(h.Entries[i].Version)] = h.Entries[i].Name
	}
	return out
}
