package inspect

import "github.com/pleatdb/pleat/schema"

type enumRow struct {
	OID    uint32   `db:"oid"`
	Schema string   `db:"schema"`
	Name   string   `db:"name"`
	Owner  string   `db:"owner"`
	Labels []string `db:"labels"`
}

func (r *reader) readEnums(rows []enumRow) error {
	for _, row := range rows {
		e := &schema.Enum{Schema: row.Schema, Name: row.Name, Values: row.Labels}
		if r.add(classType, row.OID, e) {
			r.own(e.ID(), row.Owner)
		}
	}
	return nil
}
