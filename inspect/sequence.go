package inspect

import "github.com/pleatdb/pleat/schema"

type sequenceRow struct {
	OID           uint32 `db:"oid"`
	Schema        string `db:"schema"`
	Name          string `db:"name"`
	Owner         string `db:"owner"`
	Unlogged      bool   `db:"unlogged"`
	Type          string `db:"type"`
	Start         int64  `db:"start"`
	Increment     int64  `db:"increment"`
	Min           int64  `db:"min"`
	Max           int64  `db:"max"`
	Cache         int64  `db:"cache"`
	Cycle         bool   `db:"cycle"`
	Identity      bool   `db:"identity"`
	OwnerRelation uint32 `db:"owner_relation"`
	OwnerNumber   int32  `db:"owner_number"`
	OwnerSchema   string `db:"owner_schema"`
	OwnerTable    string `db:"owner_table"`
	OwnerColumn   string `db:"owner_column"`
}

func (r *reader) readSequences(rows []sequenceRow) error {
	for _, row := range rows {
		if row.Identity {
			r.identities[address{classRelation, row.OwnerRelation, row.OwnerNumber}] = row
			continue
		}
		s := &schema.Sequence{
			Schema:    row.Schema,
			Name:      row.Name,
			Type:      row.Type,
			Start:     row.Start,
			Increment: row.Increment,
			Min:       row.Min,
			Max:       row.Max,
			Cache:     row.Cache,
			Cycle:     row.Cycle,
			Unlogged:  row.Unlogged,
		}
		if row.OwnerTable != "" {
			s.OwnedBy = &schema.ColumnRef{Schema: row.OwnerSchema, Table: row.OwnerTable, Column: row.OwnerColumn}
			if r.ignored(schema.ID{Kind: schema.KindTable, Schema: row.OwnerSchema, Name: row.OwnerTable}) {
				continue // it comes and goes with a table that is not read
			}
		}
		if r.add(classRelation, row.OID, s) {
			r.own(s.ID(), row.Owner)
		}
	}
	return nil
}

// identity is the identity of a column, or nil. The private sequence becomes a part of the column.
func (r *reader) identity(relation uint32, column columnRow, id schema.ID) *schema.Identity {
	if column.Identity == "" {
		return nil
	}
	row := r.identities[address{classRelation, relation, int32(column.Number)}]
	r.part(classRelation, row.OID, id, "sequence")
	return &schema.Identity{
		Always:    column.Identity == "a",
		Sequence:  row.Name,
		Start:     row.Start,
		Increment: row.Increment,
		Min:       row.Min,
		Max:       row.Max,
		Cache:     row.Cache,
		Cycle:     row.Cycle,
		Unlogged:  row.Unlogged,
	}
}
