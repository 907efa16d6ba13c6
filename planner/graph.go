package planner

import (
	"container/heap"
	"fmt"
	"slices"
	"strings"
)

// graph is a set of actions with edges "before".
type graph struct {
	nodes []*action
	index map[*action]int
	next  [][]int
	waits []int
	seen  map[[2]int]bool
}

func newGraph(nodes []*action) *graph {
	g := &graph{nodes: nodes, index: make(map[*action]int, len(nodes)), seen: map[[2]int]bool{}}
	for i, a := range nodes {
		g.index[a] = i
	}
	g.next, g.waits = make([][]int, len(nodes)), make([]int, len(nodes))
	return g
}

func (g *graph) edge(before, after *action) {
	b, a := g.index[before], g.index[after]
	if a == b || g.seen[[2]int{b, a}] {
		return
	}
	g.seen[[2]int{b, a}] = true
	g.next[b] = append(g.next[b], a)
	g.waits[a]++
}

func (g *graph) edges(before []*action, after *action) {
	for _, b := range before {
		g.edge(b, after)
	}
}

// sort is Kahn's algorithm over a heap of positions: the nodes are in order of rank already. With lenient, a
// cycle is broken at its lowest-ranked member.
func (g *graph) sort(lenient bool) ([]*action, error) {
	ready := &intHeap{}
	done := make([]bool, len(g.nodes))
	for i, n := range g.waits {
		if n == 0 {
			heap.Push(ready, i)
		}
	}
	out := make([]*action, 0, len(g.nodes))
	for len(out) < len(g.nodes) {
		if ready.Len() == 0 {
			if !lenient {
				return nil, g.cycle(done)
			}
			heap.Push(ready, slices.Index(done, false))
		}
		i := heap.Pop(ready).(int)
		if done[i] {
			continue
		}
		done[i] = true
		out = append(out, g.nodes[i])
		for _, n := range g.next[i] {
			if g.waits[n]--; g.waits[n] == 0 && !done[n] {
				heap.Push(ready, n)
			}
		}
	}
	return out, nil
}

// cycle names the members of one cycle among the nodes that are left.
func (g *graph) cycle(done []bool) error {
	before := make([]int, len(g.nodes))
	for b, nexts := range g.next {
		for _, a := range nexts {
			if !done[a] && !done[b] {
				before[a] = b
			}
		}
	}
	seen := map[int]int{}
	path := []int{}
	for i := slices.Index(done, false); ; i = before[i] {
		if start, ok := seen[i]; ok {
			path = path[start:]
			break
		}
		seen[i] = len(path)
		path = append(path, i)
	}
	var members []string
	for _, i := range slices.Backward(path) {
		members = append(members, g.nodes[i].describe())
	}
	return fmt.Errorf("the order of the plan has a cycle, which is a fault of pleat: %s", strings.Join(members, " → "))
}

func (a *action) describe() string {
	verb := a.verb
	if verb == "" {
		verb = "alter"
	}
	return verb + " " + a.id.String()
}

type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *intHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *intHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
