package inspect

import (
	"github.com/pleatdb/pleat/schema"
)

type memberRow struct {
	Class     uint32 `db:"class"`
	OID       uint32 `db:"oid"`
	Extension uint32 `db:"extension"`
}

func (r *reader) readMembers(rows []memberRow) error {
	for _, row := range rows {
		r.members[address{row.Class, row.OID, 0}] = row.Extension
	}
	r.addNamespaces()
	return nil
}

type extensionRow struct {
	OID       uint32 `db:"oid"`
	Name      string `db:"name"`
	Namespace uint32 `db:"namespace"`
	Schema    string `db:"schema"`
	Version   string `db:"version"`
}

// readExtensions adds the extensions of the schemas that are read. The others are remembered: one that something
// needs is added later.
func (r *reader) readExtensions(rows []extensionRow) error {
	for _, row := range rows {
		e := &schema.Extension{Name: row.Name, Schema: row.Schema, Version: row.Version}
		r.extensions[row.OID] = e
		r.ids[address{classExtension, row.OID, 0}] = e.ID()
		_, inside := r.namespaces[row.Namespace]
		if (inside || r.opt.Schemas == nil) && !r.ignored(schema.ID{Schema: row.Schema, Name: row.Name}) {
			r.catalog.Add(e)
		}
	}
	return nil
}
