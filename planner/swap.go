package planner

import (
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// swaps reports whether columns have the type, so that it cannot simply be dropped and created.
func (p *planning) swaps(id schema.ID) bool { return len(p.swapped(id)) > 0 }

// swapped lists the changes of the columns whose type is rebuilt.
func (p *planning) swapped(id schema.ID) []*columnChange {
	var out []*columnChange
	for _, x := range p.dependents[id] {
		if c := p.columns[x]; x.Kind == schema.KindColumn && c != nil && c.swap {
			out = append(out, c)
		}
	}
	return out
}

// swapType puts a new type in the place of the old one, which makes room under another name, is left by each
// column, and is dropped last. All of it fits into one transaction.
func (p *planning) swapType(id schema.ID, c *change) error {
	word := "TYPE"
	if id.Kind == schema.KindDomain {
		word = "DOMAIN"
	}
	old := oldName(id.Name)
	rename := "ALTER " + word + " " + id.SQL() + " RENAME TO " + schema.Quote(old)
	first := p.add(&action{
		id:    id,
		sql:   append([]string{rename}, rules[id.Kind].create(p, c.To)...),
		makes: append(p.to.Columns(id), id),
		drops: append(p.from.Columns(id), id),
	})
	final := p.add(&action{
		id:  id,
		sql: []string{"DROP " + word + " " + schema.Qualified(id.Schema, old)},
		// The old type goes on needing what it needed until here.
		leaves: append(p.from.Columns(id), id),
		late:   true,
		after:  []*action{first},
	})
	p.final[id] = final
	return nil
}

// oldName is the name under which an old type waits for its end. It is cut so that the suffix survives the
// limit of 63 bytes.
func oldName(name string) string {
	const suffix = "__pleat_old"
	for len(name)+len(suffix) > 63 {
		name = strings.ToValidUTF8(name[:len(name)-1], "")
	}
	return name + suffix
}
