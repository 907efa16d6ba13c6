package inspect

import (
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/schema"
)

type namespaceRow struct {
	OID   uint32 `db:"oid"`
	Name  string `db:"name"`
	Owner string `db:"owner"`
}

// choose takes the schemas that the options ask for out of all schemas, and returns their OIDs.
func (r *reader) choose(rows []namespaceRow) ([]uint32, error) {
	var chosen []uint32
	found := map[string]bool{}
	for _, row := range rows {
		n := &schema.Namespace{Name: row.Name}
		found[row.Name] = true
		if r.opt.Schemas != nil && !slices.Contains(r.opt.Schemas, row.Name) || r.ignored(n.ID()) {
			continue
		}
		chosen = append(chosen, row.OID)
		r.namespaces[row.OID] = row
	}
	for _, name := range r.opt.Schemas {
		if !found[name] {
			return nil, fmt.Errorf("schema %s does not exist, or is not one to manage", schema.Quote(name))
		}
	}
	return chosen, nil
}

// addNamespaces adds the chosen schemas, once it is known which of them belong to extensions.
func (r *reader) addNamespaces() {
	for oid, row := range r.namespaces {
		n := &schema.Namespace{Name: row.Name}
		if r.add(classNamespace, oid, n) {
			r.own(n.ID(), row.Owner)
		}
	}
}
