package inspect

import (
	"slices"

	"github.com/pleatdb/pleat/schema"
)

type policyRow struct {
	OID        uint32   `db:"oid"`
	Relation   uint32   `db:"relation"`
	Name       string   `db:"name"`
	Permissive bool     `db:"permissive"`
	Command    string   `db:"command"`
	Roles      []string `db:"roles"`
	Using      string   `db:"using"`
	Check      string   `db:"check"`
}

var policyCommands = map[string]string{"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE"}

func (r *reader) readPolicies(rows []policyRow) error {
	for _, row := range rows {
		rel, ok := r.relations[row.Relation]
		if !ok {
			continue
		}
		var roles []string
		for _, role := range row.Roles {
			roles = append(roles, schema.Quote(role))
		}
		slices.Sort(roles)
		r.add(classPolicy, row.OID, &schema.Policy{
			Schema:      rel.id.Schema,
			Table:       rel.id.Name,
			Name:        row.Name,
			Restrictive: !row.Permissive,
			Command:     policyCommands[row.Command],
			Roles:       roles,
			Using:       expression(row.Using),
			Check:       expression(row.Check),
		})
	}
	return nil
}
