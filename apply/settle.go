package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// concurrent is what a statement does to an index outside of a transaction.
type concurrent struct {
	drop  bool
	index schema.ID // its Parent is the table, where the statement names it
	name  string    // as the statement has it, quoted and with its schema where that is written
	table string
}

// concurrentIndex reads CREATE INDEX CONCURRENTLY and DROP INDEX CONCURRENTLY; ok is false for anything else, and for an
// index without a name, which nobody can look for.
func concurrentIndex(sql string) (c concurrent, ok bool) {
	if sqltext.Classify(sql).Transactional {
		return c, false
	}
	for _, touch := range sqltext.Touched(sql).Objects {
		if touch.Kind != "index" || touch.Name == "" {
			continue
		}
		c.drop = touch.Verb == sqltext.Drop
		c.index = schema.ID{Kind: schema.KindIndex, Schema: touch.Schema, Parent: touch.Of.Name, Name: touch.Name}
		c.name, c.table = schema.Qualified(touch.Schema, touch.Name), schema.Qualified(touch.Of.Schema, touch.Of.Name)
		return c, c.drop || touch.Verb == sqltext.Create
	}
	return c, false
}

// indexState is what the catalogs say of an index.
type indexState struct {
	exists, valid bool
	name          string // qualified and quoted
}

// look finds the index that a statement is about: by its table where the statement names one, as an index lives in the
// schema of its table, otherwise as the search_path finds it.
func (s *session) look(ctx context.Context, c concurrent) (st indexState, err error) {
	var namespace, name string
	sql := `SELECT n.nspname::text, c.relname::text, i.indisvalid AND i.indisready AND i.indislive
		FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
			JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE CASE WHEN $1 = '' THEN i.indexrelid = pg_catalog.to_regclass($3)
			ELSE i.indrelid = pg_catalog.to_regclass($1) AND c.relname = $2 END`
	table := c.table
	if c.index.Parent == "" {
		table = ""
	}
	err = s.conn.QueryRow(ctx, sql, query, table, c.index.Name, c.name).Scan(&namespace, &name, &st.valid)
	if errors.Is(err, pgx.ErrNoRows) {
		return indexState{}, nil
	}
	if err != nil {
		return st, fmt.Errorf("look for index %s: %w", c.name, err)
	}
	st.exists, st.name = true, schema.Qualified(namespace, name)
	return st, nil
}

// clearInvalid drops an invalid index that stands where a statement is to build one: an interrupted build leaves it, and
// REINDEX would leave one more. It reports whether a valid index is there.
func (s *session) clearInvalid(ctx context.Context, stmt migration.Statement) (existed bool, err error) {
	c, ok := concurrentIndex(stmt.SQL)
	if !ok || c.drop {
		return false, nil
	}
	st, err := s.look(ctx, c)
	if err != nil || !st.exists || st.valid {
		return st.valid, err
	}
	if err := s.dropIndex(ctx, st.name); err != nil {
		return false, err
	}
	s.opts.observe(Warned{"dropped the invalid index " + st.name + ", which an interrupted statement left"})
	return false, nil
}

func (s *session) dropIndex(ctx context.Context, name string) error {
	if err := s.set(ctx, false, setting{"lock_timeout", "0"}); err != nil {
		return err
	}
	if _, err := s.exec(ctx, "DROP INDEX CONCURRENTLY "+name); err != nil {
		return fmt.Errorf("drop index %s: %w", name, err)
	}
	return s.set(ctx, false, pinned...)
}
