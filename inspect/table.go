package inspect

import (
	"fmt"

	"github.com/pleatdb/pleat/schema"
)

type tableRow struct {
	OID              uint32   `db:"oid"`
	Schema           string   `db:"schema"`
	Name             string   `db:"name"`
	Kind             string   `db:"kind"`
	RowType          uint32   `db:"row_type"`
	Owner            string   `db:"owner"`
	Unlogged         bool     `db:"unlogged"`
	AccessMethod     string   `db:"access_method"`
	Tablespace       string   `db:"tablespace"`
	Options          []string `db:"options"`
	ToastOptions     []string `db:"toast_options"`
	ReplicaIdentity  string   `db:"replica_identity"`
	RowSecurity      bool     `db:"row_security"`
	ForceRowSecurity bool     `db:"force_row_security"`
	Partition        bool     `db:"partition"`
	Populated        bool     `db:"populated"`
	Bound            string   `db:"bound"`
	OfSchema         string   `db:"of_schema"`
	OfName           string   `db:"of_name"`
}

var replicaIdentities = map[string]string{"d": "", "f": "full", "n": "nothing", "i": "index"}

// readTables adds all relations and composite types, still without columns and queries.
func (r *reader) readTables(rows []tableRow) error {
	for _, row := range rows {
		var o schema.Object
		switch row.Kind {
		case "r", "p":
			table, err := r.table(row)
			if err != nil {
				return err
			}
			o = table
		case "v":
			o = view(row)
		case "m":
			o = materialized(row)
		case "c":
			o = &schema.Composite{Schema: row.Schema, Name: row.Name}
		default:
			o = &schema.Unmanaged{What: "foreign table", Schema: row.Schema, Name: row.Name}
		}
		r.columns[row.OID] = columnNames{}
		r.addRelation(row, o)
	}
	return nil
}

func (r *reader) addRelation(row tableRow, o schema.Object) {
	class, oid := uint32(classRelation), row.OID
	otherClass, otherOID, part := uint32(classType), row.RowType, "row type"
	if row.Kind == "c" {
		// Comments, privileges and membership of an extension are those of the type.
		class, otherClass, part = otherClass, class, "relation"
		oid, otherOID = otherOID, oid
	}
	if !r.add(class, oid, o) {
		return
	}
	id := o.ID()
	r.part(otherClass, otherOID, id, part)
	if id.Kind != schema.KindUnmanaged {
		r.own(id, row.Owner)
	}
	r.relations[row.OID] = &relation{id: id, object: o, columns: r.columns[row.OID]}
	for _, parent := range r.parents[row.OID] {
		if parent.Detaching {
			r.attribute(id, "detach pending")
		}
	}
}

func (r *reader) table(row tableRow) (*schema.Table, error) {
	t := &schema.Table{
		Schema:          row.Schema,
		Name:            row.Name,
		Unlogged:        row.Unlogged,
		AccessMethod:    accessMethod(row.AccessMethod),
		Tablespace:      row.Tablespace,
		ReplicaIdentity: replicaIdentities[row.ReplicaIdentity],
		StorageParams:   row.storageParams(),
		RowSecurity:     schema.RowSecurity{Enabled: row.RowSecurity, Forced: row.ForceRowSecurity},
		Partition:       r.partitionKeys[row.OID],
	}
	if row.OfName != "" {
		t.Of = &schema.Name{Schema: row.OfSchema, Name: row.OfName}
	}
	parents := r.parents[row.OID]
	if row.Partition {
		if len(parents) != 1 {
			return nil, fmt.Errorf("%w: partition %s has %d parents", errTorn, t.ID(), len(parents))
		}
		t.PartitionOf = &schema.PartitionOf{Parent: parents[0].parent(), Bound: row.Bound}
		return t, nil
	}
	for _, p := range parents {
		t.Inherits = append(t.Inherits, p.parent())
	}
	return t, nil
}

func (p inheritRow) parent() schema.Name { return schema.Name{Schema: p.Schema, Name: p.Name} }

// accessMethod leaves out the one that everybody uses.
func accessMethod(name string) string {
	if name == "heap" {
		return ""
	}
	return name
}

// storageParams are the parameters of a relation followed by those of its TOAST table, which go by the prefix
// "toast." (CREATE TABLE, 13 to 18).
func (row tableRow) storageParams() []schema.Param {
	out := params(row.Options)
	for _, p := range params(row.ToastOptions) {
		out = append(out, schema.Param{Name: "toast." + p.Name, Value: p.Value})
	}
	return out
}
