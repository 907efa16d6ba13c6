package inspect

import "github.com/pleatdb/pleat/schema"

type unmanagedRow struct {
	Class  uint32 `db:"class"`
	OID    uint32 `db:"oid"`
	What   string `db:"what"`
	Schema string `db:"schema"`
	Name   string `db:"name"`
	// OfClass and OfOID say of what this is a part.
	OfClass uint32 `db:"of_class"`
	OfOID   uint32 `db:"of_oid"`
}

func (r *reader) readUnmanaged(rows []unmanagedRow) error {
	for _, row := range rows {
		at := address{row.Class, row.OID, 0}
		if row.OfOID != 0 {
			r.internal[at] = address{row.OfClass, row.OfOID, 0}
			continue
		}
		// Casts between a range type and its multirange type belong to the type.
		if _, internal := r.internal[at]; internal {
			continue
		}
		// What lives in no schema matters to a part of the database only where it touches that part; see strangers.
		if row.Schema == "" && r.opt.Schemas != nil {
			continue
		}
		r.unmanaged(row.Class, row.OID, schema.Unmanaged{What: row.What, Schema: row.Schema, Name: row.Name})
	}
	return nil
}

type attributeRow struct {
	Class uint32 `db:"class"`
	OID   uint32 `db:"oid"`
	Sub   int32  `db:"sub"`
	What  string `db:"what"`
}

func (r *reader) readAttributes(rows []attributeRow) error {
	for _, row := range rows {
		at := address{row.Class, row.OID, row.Sub}
		if id, ok := r.ids[at]; ok {
			if r.catalog.Has(id) {
				r.attribute(id, row.What)
			}
		} else if p, ok := r.parts[at]; ok {
			r.attribute(p.of, row.What+" on "+p.what)
		}
	}
	return nil
}
