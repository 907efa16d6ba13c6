package planner

import (
	"slices"

	"github.com/pleatdb/pleat/schema"
)

// mode says what happens to an object.
type mode uint8

const (
	create mode = iota + 1
	drop
	alter
	// replace drops the object and creates it again.
	replace
)

// change is a Change with the decision how it is made.
type change struct {
	Change
	mode mode
	// awaits lists what has to be gone before the object is created again, though it does not need it.
	awaits []schema.ID
}

// planning is the state of one run of the four stages.
type planning struct {
	from, to *schema.Catalog
	opts     Options
	changes  map[schema.ID]*change
	columns  map[schema.ID]*columnChange
	// dependents are the edges of the state before, turned round, with those that ownership implies.
	dependents map[schema.ID][]schema.ID
	actions    []*action
	// aliases lists by host what the engine drops along with it.
	aliases map[schema.ID][]schema.ID
	// only leaves partitions out of the definition of an index.
	only bool
	// final is, for each type that is swapped, the action that drops the old one.
	final map[schema.ID]*action
}

func newPlanning(from, to *schema.Catalog, opts Options) *planning {
	return &planning{
		from: from, to: to, opts: opts,
		changes: map[schema.ID]*change{},
		columns: map[schema.ID]*columnChange{},
		aliases: map[schema.ID][]schema.ID{},
		final:   map[schema.ID]*action{},
	}
}

// compare finds every object that is not the same in both catalogs.
func (p *planning) compare() {
	for _, id := range p.from.IDs() {
		before, after := p.from.Get(id), p.to.Get(id)
		switch {
		case after == nil:
			p.changes[id] = &change{Change: Change{From: before}, mode: drop}
		case !Equal(before, after):
			p.changes[id] = &change{Change: Change{before, after}, mode: alter}
		}
	}
	for _, id := range p.to.IDs() {
		if p.from.Get(id) == nil {
			p.changes[id] = &change{Change: Change{To: p.to.Get(id)}, mode: create}
		}
	}
}

// Diff lists every object that is not the same in both catalogs, sorted.
func Diff(from, to *schema.Catalog) []Change {
	p := newPlanning(from, to, Options{})
	p.compare()
	return p.diff()
}

// diff lists what really differs, sorted.
func (p *planning) diff() []Change {
	var out []Change
	for _, id := range p.changedIDs() {
		if c := p.changes[id]; c.From == nil || c.To == nil || !Equal(c.From, c.To) {
			out = append(out, c.Change)
		}
	}
	return out
}

// rebuilt lists what is the same on both sides but is dropped and created again, or made anew in place.
func (p *planning) rebuilt() []schema.ID {
	var out []schema.ID
	for _, id := range p.changedIDs() {
		if c := p.changes[id]; c.From != nil && c.To != nil && Equal(c.From, c.To) {
			out = append(out, id)
		}
	}
	return out
}

func (p *planning) changedIDs() []schema.ID {
	seen := make(map[schema.ID]bool, len(p.changes))
	for id := range p.changes {
		seen[id] = true
	}
	return sortedIDs(seen)
}

// Equal reports whether two objects are the same, the order of a table's columns aside.
func Equal(a, b schema.Object) bool {
	return schema.Equal(a, b)
}

func sortedIDs(set map[schema.ID]bool) []schema.ID {
	out := make([]schema.ID, 0, len(set))
	for id := range set {
		out = append(out, id)
	}
	slices.SortFunc(out, schema.ID.Compare)
	return out
}
