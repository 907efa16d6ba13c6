package inspect

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema"
)

//go:embed queries/trash.sql
var trashQuery string

// Trash lists what was renamed to wait for its end, of all schemas; [schema.Trashed] tells since when each has waited.
// It needs no privilege on the tables.
func Trash(ctx context.Context, conn *pgx.Conn) ([]schema.ID, error) {
	rows, err := conn.Query(ctx, "SELECT kind, namespace::text, parent::text, name::text FROM ("+trashQuery+") AS t ORDER BY 2, 3, 4")
	if err != nil {
		return nil, fmt.Errorf("read the trash: %w", err)
	}
	kinds := map[string]schema.Kind{
		"column": schema.KindColumn, "table": schema.KindTable, "schema": schema.KindSchema, "trigger": schema.KindTrigger, "function": schema.KindFunction,
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (schema.ID, error) {
		var kind string
		var id schema.ID
		err := row.Scan(&kind, &id.Schema, &id.Parent, &id.Name)
		id.Kind = kinds[kind]
		return id, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the trash: %w", err)
	}
	out := []schema.ID{}
	for _, id := range all {
		if _, ok := schema.Trashed(id); ok {
			out = append(out, id)
		}
	}
	return out, nil
}
