package legacy

import (
	"cmp"
	"slices"
	"strings"
)

// alembicGraph is what the modules say of who comes after whom.
type alembicGraph struct {
	revisions map[string]*alembicRevision
	labels    map[string]string
	// ids are in the order in which the revisions are to be named: by their dates, then by id.
	ids []string
}

func newAlembicGraph(files []File) *alembicGraph {
	var all []*alembicRevision
	for _, f := range files {
		if r, ok := f.Extra.(*alembicRevision); ok {
			all = append(all, r)
		}
	}
	return graphOf(all)
}

// graphOf joins revisions; of two with one id the first counts. Revisions that are named and have no file are in ids too, first of all.
func graphOf(all []*alembicRevision) *alembicGraph {
	g := &alembicGraph{revisions: map[string]*alembicRevision{}, labels: map[string]string{}}
	for _, r := range all {
		if g.revisions[r.id] != nil {
			continue
		}
		g.revisions[r.id] = r
		g.ids = append(g.ids, r.id)
		for _, label := range r.labels {
			g.labels[label] = r.id
		}
	}
	var gone []string
	for _, id := range g.ids {
		for _, before := range g.before(id, true) {
			if g.revisions[before] == nil && !slices.Contains(gone, before) {
				gone = append(gone, before)
			}
		}
	}
	g.ids = append(g.ids, gone...)
	slices.SortFunc(g.ids, func(a, b string) int {
		x, y := g.revisions[a], g.revisions[b]
		switch {
		case x == nil || y == nil:
			return cmp.Or(cmp.Compare(boolInt(x != nil), boolInt(y != nil)), strings.Compare(a, b))
		}
		return cmp.Or(x.created.Compare(y.created), strings.Compare(a, b))
	})
	return g
}

func boolInt(v bool) int {
	if v {
		return 1
	}
	return 0
}

// before are the revisions right before one; with dependencies also those that it needs of other branches, which may be named by label.
func (g *alembicGraph) before(id string, dependencies bool) (out []string) {
	r := g.revisions[id]
	if r == nil {
		return nil
	}
	out = slices.Clone(r.down)
	if !dependencies {
		return out
	}
	for _, d := range r.depends {
		if labelled, ok := g.labels[d]; ok && g.revisions[d] == nil {
			d = labelled
		}
		out = append(out, d)
	}
	return out
}

// ancestors are all that come before a revision.
func (g *alembicGraph) ancestors(id string, dependencies bool) map[string]bool {
	seen := map[string]bool{}
	todo := g.before(id, dependencies)
	for len(todo) > 0 {
		last := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !seen[last] {
			seen[last] = true
			todo = append(todo, g.before(last, dependencies)...)
		}
	}
	return seen
}

// order puts ids after all that come before them, and else by date and id. What is in a circle comes last. A revision that is recorded
// and has no file stands where nothing is known of it: at the end.
func (g *alembicGraph) order(wanted func(id string) bool, recorded ...string) []string {
	ids := slices.Clone(g.ids)
	for _, id := range recorded {
		if !slices.Contains(g.ids, id) {
			ids = append(ids, id)
		}
	}
	return topological(ids, func(id string) []string { return g.before(id, true) }, wanted)
}

// topological puts each after those that before gives, where that is possible, and else keeps the order. Only those of interest are in the result.
func topological(ids []string, before func(string) []string, wanted func(string) bool) (out []string) {
	rank := make(map[string]int, len(ids))
	for i, id := range ids {
		rank[id] = i
	}
	waits := make([]int, len(ids))
	after := make([][]int, len(ids))
	for i, id := range ids {
		seen := map[string]bool{}
		for _, b := range before(id) {
			if n, ok := rank[b]; ok && n != i && !seen[b] {
				seen[b] = true
				waits[i]++
				after[n] = append(after[n], i)
			}
		}
	}
	ready := &ranks{}
	done := make([]bool, len(ids))
	for i, n := range waits {
		if n == 0 {
			ready.push(i)
		}
	}
	for range ids {
		if len(*ready) == 0 { // a circle: the first that is left goes on
			ready.push(slices.Index(done, false))
		}
		i := ready.pop()
		done[i] = true
		if wanted(ids[i]) {
			out = append(out, ids[i])
		}
		for _, n := range after[i] {
			if waits[n]--; waits[n] == 0 && !done[n] {
				ready.push(n)
			}
		}
	}
	return out
}

// ranks is a sorted list of what may come next.
type ranks []int

func (r *ranks) push(n int) {
	at, _ := slices.BinarySearch(*r, n)
	*r = slices.Insert(*r, at, n)
}

func (r *ranks) pop() int {
	n := (*r)[0]
	*r = (*r)[1:]
	return n
}
