package inspect

import (
	"fmt"

	"github.com/pleatdb/pleat/schema"
)

type constraintRow struct {
	OID           uint32   `db:"oid"`
	Name          string   `db:"name"`
	Kind          string   `db:"kind"`
	Relation      uint32   `db:"relation"`
	Domain        uint32   `db:"domain"`
	Index         uint32   `db:"index"`
	Deferrable    bool     `db:"deferrable"`
	Deferred      bool     `db:"deferred"`
	Validated     bool     `db:"validated"`
	Enforced      bool     `db:"enforced"`
	Period        bool     `db:"period"`
	NoInherit     bool     `db:"no_inherit"`
	Local         bool     `db:"local"`
	Inherited     int      `db:"inherited"`
	Parent        string   `db:"parent"`
	Columns       []int16  `db:"columns"`
	RefSchema     string   `db:"ref_schema"`
	RefTable      string   `db:"ref_table"`
	RefRelation   uint32   `db:"ref_relation"`
	RefColumns    []int16  `db:"ref_columns"`
	RefNames      []string `db:"ref_names"`
	Match         string   `db:"match"`
	OnDelete      string   `db:"on_delete"`
	OnUpdate      string   `db:"on_update"`
	DeleteColumns []int16  `db:"delete_columns"`
	Operators     []string `db:"operators"`
	Expr          string   `db:"expr"`
}

var actions = map[string]string{"a": "", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

func (r *reader) readConstraints(rows []constraintRow) error {
	for _, row := range rows {
		if row.Domain != 0 {
			r.domainCheck(row)
			continue
		}
		rel, ok := r.relations[row.Relation]
		if !ok {
			continue
		}
		if rel.id.Kind == schema.KindUnmanaged {
			r.part(classConstraint, row.OID, rel.id, "constraint")
			continue
		}
		switch row.Kind {
		case "p", "u", "x":
			if err := r.key(rel, row); err != nil {
				return err
			}
		case "c":
			r.check(rel, row)
		case "f":
			r.foreignKey(rel, row)
		case "n":
			if columns := rel.columnNames(row.Columns); len(columns) == 1 {
				r.part(classConstraint, row.OID, schema.ColumnID(rel.id, columns[0]), "not null constraint")
			}
		}
	}
	return nil
}

func (row constraintRow) deferral() schema.Deferral {
	return schema.Deferral{Deferrable: row.Deferrable, InitiallyDeferred: row.Deferred}
}

// key adds a constraint that an index stands behind.
func (r *reader) key(rel *relation, row constraintRow) error {
	index, ok := r.indexes[row.Index]
	if !ok {
		return fmt.Errorf("%w: constraint %s of %s has no index", errTorn, row.Name, rel.id)
	}
	var o schema.Object
	columns, options := rel.columnNames(row.Columns), index.options(row.Parent)
	switch row.Kind {
	case "p":
		o = &schema.PrimaryKey{Schema: rel.id.Schema, Table: rel.id.Name, Name: row.Name, Columns: columns,
			WithoutOverlaps: row.Period, Deferral: row.deferral(), Index: options}
	case "u":
		o = &schema.Unique{Schema: rel.id.Schema, Table: rel.id.Name, Name: row.Name, Columns: columns,
			NullsNotDistinct: index.NullsNotDistinct, WithoutOverlaps: row.Period, Deferral: row.deferral(), Index: options}
	default:
		if len(row.Operators) != len(index.elements) {
			return fmt.Errorf("%w: constraint %s of %s", errTorn, row.Name, rel.id)
		}
		x := &schema.Exclude{Schema: rel.id.Schema, Table: rel.id.Name, Name: row.Name, Method: index.Method,
			Where: expression(index.Predicate), Deferral: row.deferral(), Index: options}
		for i, element := range index.elements {
			x.Elements = append(x.Elements, schema.ExcludeElement{IndexElement: element, Operator: row.Operators[i]})
		}
		o = x
	}
	if r.add(classConstraint, row.OID, o) {
		r.part(classRelation, row.Index, o.ID(), "index")
		if !index.Valid {
			r.attribute(o.ID(), "invalid index")
		}
	}
	return nil
}

func (r *reader) check(rel *relation, row constraintRow) {
	table, _ := rel.object.(*schema.Table)
	if row.Inherited > 0 && (!row.Local || table != nil && table.PartitionOf != nil) {
		r.inherited[address{classConstraint, row.OID, 0}] = true
		return
	}
	r.add(classConstraint, row.OID, &schema.Check{
		Schema:      rel.id.Schema,
		Table:       rel.id.Name,
		Name:        row.Name,
		Expr:        expression(row.Expr),
		NoInherit:   row.NoInherit,
		NotValid:    !row.Validated && row.Enforced,
		NotEnforced: !row.Enforced,
	})
}

func (r *reader) foreignKey(rel *relation, row constraintRow) {
	if row.Parent != "" {
		r.inherited[address{classConstraint, row.OID, 0}] = true
		return
	}
	fk := &schema.ForeignKey{
		Schema:          rel.id.Schema,
		Table:           rel.id.Name,
		Name:            row.Name,
		Columns:         rel.columnNames(row.Columns),
		RefTable:        schema.Name{Schema: row.RefSchema, Name: row.RefTable},
		RefColumns:      row.RefNames,
		OnDelete:        actions[row.OnDelete],
		OnUpdate:        actions[row.OnUpdate],
		OnDeleteColumns: rel.columnNames(row.DeleteColumns),
		Deferral:        row.deferral(),
		NotValid:        !row.Validated && row.Enforced,
		NotEnforced:     !row.Enforced,
		Period:          row.Period,
	}
	if fk.RefColumns == nil {
		fk.RefColumns = r.columns[row.RefRelation].names(row.RefColumns)
	}
	if row.Match == "f" {
		fk.Match = "FULL"
	}
	r.add(classConstraint, row.OID, fk)
}
