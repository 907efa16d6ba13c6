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

//go:embed queries/trash_taken.sql
var trashTakenQuery string

// Trash lists what was renamed to wait for its end, of all schemas; [schema.Trashed] tells since when each has waited.
// It needs no privilege on the tables.
func Trash(ctx context.Context, conn *pgx.Conn) ([]schema.ID, error) {
	rows, err := conn.Query(ctx, "SELECT kind, namespace::text, parent::text, name::text FROM ("+trashQuery+") AS t ORDER BY 2, 3, 4")
	if err != nil {
		return nil, fmt.Errorf("read the trash: %w", err)
	}
	kinds := map[string]schema.Kind{
		"column": schema.KindColumn, "table": schema.KindTable, "schema": schema.KindSchema, "trigger": schema.KindTrigger, "function": schema.KindFunction,
		"enum": schema.KindEnum, "domain": schema.KindDomain, "composite": schema.KindComposite,
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

// TrashTaken lists the names that nothing else can have in the trash, for planner/online: those of [Trash], and as tables or sequences
// those of every relation and type beside them.
func TrashTaken(ctx context.Context, conn *pgx.Conn) (map[schema.ID]bool, error) {
	trash, err := Trash(ctx, conn)
	if err != nil {
		return nil, err
	}
	taken := map[schema.ID]bool{}
	for _, id := range trash {
		if id.Kind != schema.KindSchema { // which has room for others
			taken[id] = true
		}
	}
	rows, err := conn.Query(ctx, "SELECT kind, namespace::text, name::text FROM ("+trashTakenQuery+") AS t")
	if err != nil {
		return nil, fmt.Errorf("read the names in the trash: %w", err)
	}
	kinds := map[string]schema.Kind{"table": schema.KindTable, "sequence": schema.KindSequence}
	var kind string
	var id schema.ID
	_, err = pgx.ForEachRow(rows, []any{&kind, &id.Schema, &id.Name}, func() error {
		id.Kind = kinds[kind]
		taken[id] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the names in the trash: %w", err)
	}
	return taken, nil
}
