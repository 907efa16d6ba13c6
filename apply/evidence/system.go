package evidence

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// system are the names of pg_catalog, which come before any other of the same name (documentation, "The System Catalog Schema").
type system struct{ relations, functions, types map[string]bool }

func readSystem(ctx context.Context, conn *pgx.Conn) (*system, error) {
	s := &system{relations: map[string]bool{}, functions: map[string]bool{}, types: map[string]bool{}}
	for query, into := range map[string]map[string]bool{
		"SELECT relname::text FROM pg_catalog.pg_class WHERE relnamespace = 'pg_catalog'::regnamespace": s.relations,
		"SELECT proname::text FROM pg_catalog.pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace":  s.functions,
		"SELECT typname::text FROM pg_catalog.pg_type WHERE typnamespace = 'pg_catalog'::regnamespace":  s.types,
	} {
		rows, err := conn.Query(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("read the names of the system: %w", err)
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return nil, fmt.Errorf("read the names of the system: %w", err)
		}
		for _, name := range names {
			into[name] = true
		}
	}
	return s, nil
}

// alone reports whether a statement is about nothing but the system's catalogs and pleat's history, as those are that tools ask,
// pleat among them.
func (s *system) alone(text string) bool {
	refs := sqltext.References(text)
	if !refs.Complete || len(refs.Relations) == 0 || len(refs.Regclasses) > 0 {
		return false
	}
	for _, r := range refs.Relations {
		if r.Schema != "pleat" && r.Schema != "information_schema" && (r.Schema != "" || !s.relations[r.Name]) {
			return false
		}
	}
	for _, f := range refs.Functions {
		if f.Schema != "pleat" && (f.Schema != "" || !s.functions[f.Name]) {
			return false
		}
	}
	for _, t := range refs.Types {
		if t.Schema != "" || !s.types[t.Name] {
			return false
		}
	}
	return true
}
