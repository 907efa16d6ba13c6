package inspect

import (
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// view is a view without its columns and query.
func view(row tableRow) *schema.View {
	v := &schema.View{Schema: row.Schema, Name: row.Name}
	for _, option := range params(row.Options) {
		switch option.Name {
		case "check_option":
			v.CheckOption = strings.ToUpper(option.Value)
		case "security_barrier":
			v.SecurityBarrier = option.Value
		case "security_invoker":
			v.SecurityInvoker = option.Value
		}
	}
	return v
}

func materialized(row tableRow) *schema.Materialized {
	return &schema.Materialized{
		Schema:        row.Schema,
		Name:          row.Name,
		AccessMethod:  accessMethod(row.AccessMethod),
		Tablespace:    row.Tablespace,
		StorageParams: row.storageParams(),
		NoData:        !row.Populated,
	}
}

type viewRow struct {
	OID   uint32 `db:"oid"`
	Query string `db:"query"`
}

func (r *reader) readViews(rows []viewRow) error {
	for _, row := range rows {
		rel, ok := r.relations[row.OID]
		if !ok {
			continue
		}
		switch o := rel.object.(type) {
		case *schema.View:
			o.Query = statement(row.Query)
		case *schema.Materialized:
			o.Query = statement(row.Query)
		}
	}
	return nil
}
