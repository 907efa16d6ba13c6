package rows

import (
	"context"
	_ "embed" // the queries
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema"
)

//go:embed queries/table.sql
var tableQuery string

//go:embed queries/column.sql
var columnQuery string

//go:embed queries/constraint.sql
var constraintQuery string

// table is a relation that holds rows itself: ordinary, or a partition that is not partitioned further.
type table struct {
	oid  uint32
	id   schema.ID
	root uint32 // the topmost partitioned table, else the table itself
	// foreign tables hold their rows elsewhere.
	foreign bool
	// bound is the condition of a partition; empty for other tables.
	bound   string
	columns []*column
	checks  []string
	// unique are the column lists of deferrable constraints, which ON CONFLICT does not look at.
	unique [][]string
	// immediate are those of all others.
	immediate [][]string
	keys      []*foreignKey
}

func (t *table) name() string { return schema.Qualified(t.id.Schema, t.id.Name) }

func (t *table) column(number int16) *column {
	for _, c := range t.columns {
		if c.number == number {
			return c
		}
	}
	return nil
}

// named lists the columns with these numbers.
func (t *table) named(numbers []int16) (out []string) {
	for _, n := range numbers {
		if c := t.column(n); c != nil {
			out = append(out, c.name)
		}
	}
	return out
}

type column struct {
	number    int16
	name      string
	typ       uint32
	mod       int32
	format    string // as format_type prints it
	notNull   bool
	generated string // the expression; empty for other columns
	// sequence is the qualified name of the sequence that belongs to the column; empty for none.
	sequence string
}

// foreignKey leads from a table to the root of another.
type foreignKey struct {
	name    string
	columns []string
	to      uint32
	target  string // qualified
	only    bool   // the target is no partitioned table, and rows of its children do not count
	refs    []string
	full    bool // MATCH FULL
	// valid is false while rows that were there before need not fit (NOT VALID).
	valid bool
	// late is set when the target is filled after the table, or is the table itself.
	late bool
}

// structure is what is read of a database before it is filled.
type structure struct {
	tables []*table
	types  map[uint32]*typ
	// domains are values of each domain that its checks let pass.
	domains map[uint32]pool
}

// read looks at the tables of all schemas but the system's and pleat's own; tables of extensions are left alone.
func read(ctx context.Context, conn *pgx.Conn) (*structure, error) {
	s := &structure{domains: map[uint32]pool{}}
	var err error
	if s.types, err = readTypes(ctx, conn); err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, tableQuery, pgx.QueryExecModeExec)
	if err != nil {
		return nil, fmt.Errorf("read the tables to fill: %w", err)
	}
	s.tables, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (*table, error) {
		t := &table{id: schema.ID{Kind: schema.KindTable}}
		return t, row.Scan(&t.oid, &t.id.Schema, &t.id.Name, &t.root, &t.foreign, &t.bound)
	})
	if err != nil {
		return nil, fmt.Errorf("read the tables to fill: %w", err)
	}
	byOID := map[uint32]*table{}
	for _, t := range s.tables {
		byOID[t.oid] = t
	}
	if err := readColumns(ctx, conn, byOID); err != nil {
		return nil, fmt.Errorf("read the columns to fill: %w", err)
	}
	if err := readConstraints(ctx, conn, byOID); err != nil {
		return nil, fmt.Errorf("read the constraints to fit: %w", err)
	}
	return s, nil
}

func readColumns(ctx context.Context, conn *pgx.Conn, tables map[uint32]*table) error {
	rows, err := conn.Query(ctx, columnQuery, pgx.QueryExecModeExec)
	if err != nil {
		return err
	}
	var oid uint32
	c := column{}
	_, err = pgx.ForEachRow(rows, []any{&oid, &c.number, &c.name, &c.typ, &c.mod, &c.format, &c.notNull, &c.generated, &c.sequence}, func() error {
		if t := tables[oid]; t != nil {
			one := c
			t.columns = append(t.columns, &one)
		}
		return nil
	})
	return err
}

func readConstraints(ctx context.Context, conn *pgx.Conn, tables map[uint32]*table) error {
	rows, err := conn.Query(ctx, constraintQuery, pgx.QueryExecModeExec)
	if err != nil {
		return err
	}
	var oid uint32
	var kind, name, expr, target string
	var key, ref []int16
	var refNames []string
	var to uint32
	var only, full, deferrable, valid bool
	scan := []any{&oid, &kind, &name, &expr, &key, &ref, &refNames, &to, &target, &only, &full, &deferrable, &valid}
	_, err = pgx.ForEachRow(rows, scan, func() error {
		t := tables[oid]
		if t == nil {
			return nil
		}
		switch kind {
		case "c":
			t.checks = append(t.checks, expr)
		case "f":
			t.keys = append(t.keys, &foreignKey{name: name, columns: t.named(key), to: to, target: target, only: only,
				refs: slices.Clone(refNames), full: full, valid: valid})
		case "x":
			if deferrable {
				t.unique = append(t.unique, nil) // nothing in SQL text says it as DISTINCT does; see uniqueFilter
			}
		default:
			if deferrable {
				t.unique = append(t.unique, t.named(key))
			} else {
				t.immediate = append(t.immediate, t.named(key))
			}
		}
		return nil
	})
	return err
}
