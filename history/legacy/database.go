package legacy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/schema"
)

// Database is what importers look at to find histories: all tables with their columns.
type Database struct {
	// Name is that of the database.
	Name string
	// Tables are ordinary and partitioned tables outside of the system's schemas and pleat's own, sorted by schema and name.
	Tables []Table
	tx     pgx.Tx
}

// Table is a relation by its shape.
type Table struct {
	Name
	OID     uint32
	Columns []Column
	// Key are the columns of the primary key, in its order.
	Key []string
}

// Column is one column; dropped ones are left out.
type Column struct {
	Name string
	// Type is as format_type prints it: "character varying(255)", "timestamp without time zone".
	Type    string
	NotNull bool
	// Default reports whether it has a default, is an identity or is generated.
	Default bool
}

// exec is how everything here is sent: prepared without a name, so that no pooler is in the way.
const exec = pgx.QueryExecModeDescribeExec

// The system's and pleat's own schemas are left out, and what is temporary. Tables of extensions are left out too: no tool makes its
// history a part of an extension.
const tablesQuery = `
SELECT n.nspname::text, c.relname::text, c.oid,
	array_agg(a.attname::text ORDER BY a.attnum), array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum),
	array_agg(a.attnotnull ORDER BY a.attnum), array_agg(a.atthasdef OR a.attidentity <> '' ORDER BY a.attnum),
	coalesce((SELECT array_agg(k.attname::text ORDER BY o.n) FROM pg_catalog.pg_index i
		CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS o(num, n)
		JOIN pg_catalog.pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = o.num
		WHERE i.indrelid = c.oid AND i.indisprimary), '{}')
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
	AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'pleat')
	AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
		WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
GROUP BY n.nspname, c.relname, c.oid
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`

// look reads which tables there are.
func look(ctx context.Context, tx pgx.Tx) (*Database, error) {
	db := &Database{tx: tx}
	if err := tx.QueryRow(ctx, "SELECT pg_catalog.current_database()::text", exec).Scan(&db.Name); err != nil {
		return nil, fmt.Errorf("look for histories: %w", err)
	}
	rows, err := tx.Query(ctx, tablesQuery, exec)
	if err != nil {
		return nil, fmt.Errorf("look for histories: %w", err)
	}
	db.Tables, err = pgx.CollectRows(rows, scanTable)
	if err != nil {
		return nil, fmt.Errorf("look for histories: %w", err)
	}
	return db, nil
}

func scanTable(row pgx.CollectableRow) (Table, error) {
	var t Table
	var names, types []string
	var notNull, hasDefault []bool
	err := row.Scan(&t.Schema, &t.Table, &t.OID, &names, &types, &notNull, &hasDefault, &t.Key)
	for i := range names {
		t.Columns = append(t.Columns, Column{names[i], types[i], notNull[i], hasDefault[i]})
	}
	return t, err
}

// Lookup finds a table; nil where there is none.
func (db *Database) Lookup(namespace, name string) *Table {
	i := slices.IndexFunc(db.Tables, func(t Table) bool { return t.Schema == namespace && t.Table == name })
	if i < 0 {
		return nil
	}
	return &db.Tables[i]
}

// Column finds a column by name; nil where there is none.
func (t *Table) Column(name string) *Column {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &t.Columns[i]
}

// Has reports whether the table has all of these columns. Each is "name" or "name type", where the type is compared without what is
// in parentheses; several types are divided by |. "id integer|bigint".
func (t *Table) Has(columns ...string) bool {
	return !slices.ContainsFunc(columns, func(want string) bool { return !t.has(want) })
}

func (t *Table) has(want string) bool {
	name, types, typed := strings.Cut(want, " ")
	c := t.Column(name)
	if c == nil {
		return false
	}
	return !typed || slices.Contains(strings.Split(types, "|"), c.Base())
}

// Is reports whether the table has these columns, as in Has, and no others.
func (t *Table) Is(columns ...string) bool {
	return len(columns) == len(t.Columns) && t.Has(columns...)
}

// Within reports whether it has all of the first columns and else only some of the optional ones, each given as in Has.
func (t *Table) Within(columns, optional []string) bool {
	if !t.Has(columns...) {
		return false
	}
	n := len(columns)
	for _, want := range optional {
		if t.has(want) {
			n++
		}
	}
	return n == len(t.Columns)
}

// Base is the type without length and precision: "character varying", "timestamp without time zone".
func (c *Column) Base() string {
	head, rest, ok := strings.Cut(c.Type, "(")
	if !ok {
		return c.Type
	}
	_, tail, _ := strings.Cut(rest, ")")
	return head + tail
}

// source makes a source of a table.
func (db *Database) source(ctx context.Context, t *Table, tool Tool, strength Strength, why string) (Source, error) {
	n, err := db.Count(ctx, t)
	return Source{Tool: tool, Schema: t.Schema, Table: t.Table, Strength: strength, Rows: n, Why: why}, err
}

// sure makes sources of the tables that nobody else has.
func (db *Database) sure(ctx context.Context, tool Tool, why string, fits func(t *Table) bool) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		if !fits(t) {
			continue
		}
		s, err := db.source(ctx, t, tool, Sure, why)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Count counts the rows of a table; -1 where the role may not read it, which must not keep it from reading another one.
func (db *Database) Count(ctx context.Context, t *Table) (n int64, err error) {
	n = -1
	return n, db.allowed(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM ONLY "+schema.Qualified(t.Schema, t.Table), exec).Scan(&n)
	})
}

// Sample reads some rows of a table, to see whether they have a tool's form; none where the role may not read it.
func (db *Database) Sample(ctx context.Context, t *Table, limit int) (rows []Row, err error) {
	return rows, db.allowed(ctx, func(tx pgx.Tx) (err error) {
		rows, err = readRows(ctx, tx, t.Name, limit)
		return err
	})
}

// allowed asks in a savepoint and takes missing privileges for no answer, and so a table that somebody has for themselves: who that is, is
// found when the history is locked.
func (db *Database) allowed(ctx context.Context, ask func(pgx.Tx) error) error {
	save, err := db.tx.Begin(ctx)
	if err != nil {
		return fmt.Errorf("look for histories: %w", err)
	}
	if _, err = save.Exec(ctx, "SET LOCAL lock_timeout = '200ms'", pgx.QueryExecModeExec); err == nil {
		err = ask(save)
	}
	if undo := save.Rollback(ctx); undo != nil {
		return fmt.Errorf("look for histories: %w", errors.Join(err, undo))
	}
	var server *pgconn.PgError
	if errors.As(err, &server) && (server.Code == "42501" || server.Code == "55P03") {
		return nil
	}
	return err
}
