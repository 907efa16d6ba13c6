package rows

import (
	"cmp"
	"slices"
)

// order lists the tables so that those that others refer to come first. Where tables refer to each other in a ring, and where a table
// refers to itself, the foreign key that is left open is marked late: it is satisfied once all rows are there.
func (s *structure) order() []*table {
	left := map[uint32][]*table{} // by root
	var roots []uint32
	for _, t := range s.tables {
		if left[t.root] == nil {
			roots = append(roots, t.root)
		}
		left[t.root] = append(left[t.root], t)
	}
	owner := map[uint32]uint32{}
	for _, t := range s.tables {
		owner[t.oid], owner[t.root] = t.root, t.root
	}
	var out []*table
	done := map[uint32]bool{}
	for len(roots) > 0 {
		best := slices.MinFunc(roots, func(a, b uint32) int {
			return cmp.Compare(openness(left[a], owner, done), openness(left[b], owner, done))
		})
		for _, t := range left[best] {
			for _, k := range t.keys {
				k.late = !done[owner[k.to]]
			}
			out = append(out, t)
		}
		done[best] = true
		roots = slices.DeleteFunc(roots, func(r uint32) bool { return r == best })
	}
	return out
}

// openness says how bad it is to fill these tables now: foreign keys of columns that may not be NULL count most.
func openness(tables []*table, owner map[uint32]uint32, done map[uint32]bool) int {
	sum := 0
	for _, t := range tables {
		for _, k := range t.keys {
			to := owner[k.to]
			if done[to] || to == t.root {
				continue
			}
			sum++
			if !t.nullable(k.columns) {
				sum += 1000
			}
		}
	}
	return sum
}

// nullable reports whether all these columns may be NULL.
func (t *table) nullable(names []string) bool {
	for _, c := range t.columns {
		if c.notNull && slices.Contains(names, c.name) {
			return false
		}
	}
	return true
}

// domainOrder lists the domains, those that others are made of first.
func (s *structure) domainOrder() (out []*typ) {
	seen := map[uint32]bool{}
	var visit func(oid uint32)
	visit = func(oid uint32) {
		t := s.types[oid]
		if t == nil || seen[oid] {
			return
		}
		seen[oid] = true
		visit(t.base)
		visit(t.elem)
		visit(t.sub)
		for _, f := range t.fields {
			visit(f.typ)
		}
		if t.kind == "d" {
			out = append(out, t)
		}
	}
	oids := make([]uint32, 0, len(s.types))
	for oid := range s.types {
		oids = append(oids, oid)
	}
	slices.Sort(oids)
	for _, oid := range oids {
		visit(oid)
	}
	return out
}
