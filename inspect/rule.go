package inspect

import "github.com/pleatdb/pleat/schema"

type ruleRow struct {
	OID        uint32 `db:"oid"`
	Relation   uint32 `db:"relation"`
	Name       string `db:"name"`
	Enabled    string `db:"enabled"`
	Definition string `db:"definition"`
}

func (r *reader) readRules(rows []ruleRow) error {
	for _, row := range rows {
		rel, ok := r.relations[row.Relation]
		if !ok {
			continue
		}
		r.add(classRewrite, row.OID, &schema.Rule{
			Schema:     rel.id.Schema,
			Table:      rel.id.Name,
			Name:       row.Name,
			Definition: statement(row.Definition),
			Enabled:    enabledStates[row.Enabled],
		})
	}
	return nil
}
