package legacy

import (
	"fmt"
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
