package inspect

import (
	"fmt"

	"github.com/pleatdb/pleat/schema"
)

type columnRow struct {
	Relation        uint32   `db:"relation"`
	Number          int16    `db:"number"`
	Name            string   `db:"name"`
	Type            string   `db:"type"`
	NotNull         bool     `db:"not_null"`
	CollationSchema string   `db:"collation_schema"`
	CollationName   string   `db:"collation_name"`
	Storage         string   `db:"storage"`
	Compression     string   `db:"compression"`
	Statistics      *int     `db:"statistics"`
	Options         []string `db:"options"`
	Identity        string   `db:"identity"`
	Generated       string   `db:"generated"`
	Local           bool     `db:"local"`
}

var (
	storages     = map[string]string{"p": "PLAIN", "e": "EXTERNAL", "x": "EXTENDED", "m": "MAIN"}
	compressions = map[string]string{"p": "pglz", "l": "lz4"}
)

func (r *reader) readColumns(rows []columnRow) error {
	for _, row := range rows {
		names, ok := r.columns[row.Relation]
		if !ok {
			return fmt.Errorf("%w: column %s of an unknown relation", errTorn, row.Name)
		}
		names[row.Number] = row.Name
		rel, ok := r.relations[row.Relation]
		if !ok {
			continue
		}
		at := address{classRelation, row.Relation, int32(row.Number)}
		if rel.id.Kind == schema.KindUnmanaged {
			r.ids[at] = rel.id
			continue
		}
		id := schema.ColumnID(rel.id, row.Name)
		r.ids[at] = id
		switch o := rel.object.(type) {
		case *schema.Table:
			o.Columns = append(o.Columns, r.column(row, id, o))
		case *schema.View:
			o.Columns = append(o.Columns, viewColumn(row))
		case *schema.Materialized:
			o.Columns = append(o.Columns, materializedColumn(row))
		case *schema.Composite:
			o.Fields = append(o.Fields, schema.Field{Name: row.Name, Type: row.Type, Collation: row.collation()})
		}
	}
	return nil
}

func (r *reader) column(row columnRow, id schema.ID, table *schema.Table) schema.Column {
	c := schema.Column{
		Name:        row.Name,
		Type:        row.Type,
		NotNull:     row.NotNull,
		Collation:   row.collation(),
		Storage:     storages[row.Storage],
		Compression: compressions[row.Compression],
		Statistics:  row.Statistics,
		Options:     params(row.Options),
		Identity:    r.identity(row.Relation, row, id),
		Inherited:   table.PartitionOf != nil || !row.Local,
	}
	if row.Generated != "" {
		c.Generated = &schema.Generated{Virtual: row.Generated == "v"}
	}
	return c
}

func (row columnRow) collation() string { return qualified(row.CollationSchema, row.CollationName) }

func viewColumn(row columnRow) schema.ViewColumn {
	return schema.ViewColumn{Name: row.Name, Type: row.Type, Collation: row.collation()}
}

func materializedColumn(row columnRow) schema.ViewColumn {
	c := viewColumn(row)
	c.Statistics = row.Statistics
	c.Storage = storages[row.Storage]
	c.Compression = compressions[row.Compression]
	c.Options = params(row.Options)
	return c
}

type defaultRow struct {
	OID      uint32 `db:"oid"`
	Relation uint32 `db:"relation"`
	Number   int16  `db:"number"`
	Expr     string `db:"expr"`
}

// readDefaults adds defaults, and completes generated columns with their expressions.
func (r *reader) readDefaults(rows []defaultRow) error {
	for _, row := range rows {
		rel, ok := r.relations[row.Relation]
		if !ok {
			continue
		}
		name := rel.columns[row.Number]
		if table, ok := rel.object.(*schema.Table); ok {
			if c := table.Column(name); c != nil && c.Generated != nil {
				c.Generated.Expr = expression(row.Expr)
				r.part(classAttrdef, row.OID, schema.ColumnID(rel.id, name), "expression")
				continue
			}
		}
		if rel.id.Kind == schema.KindUnmanaged {
			r.part(classAttrdef, row.OID, rel.id, "default")
			continue
		}
		r.add(classAttrdef, row.OID, &schema.Default{
			Schema: rel.id.Schema,
			Table:  rel.id.Name,
			Column: name,
			Expr:   expression(row.Expr),
		})
	}
	return nil
}
