package rows

import (
	"context"
	_ "embed" // the query
	"fmt"

	"github.com/jackc/pgx/v5"
)

//go:embed queries/type.sql
var typeQuery string

// typ is a data type of the database.
type typ struct {
	oid       uint32
	namespace string
	name      string
	format    string // qualified and quoted, without modifier
	kind      string // pg_type.typtype
	category  string // pg_type.typcategory
	// elem is the element of an array that any column can have; 0 for other types.
	elem uint32
	// base, baseMod and baseFormat are what a domain is made of.
	base       uint32
	baseMod    int32
	baseFormat string
	labels     int    // of an enum
	sub        uint32 // of a range, or the range of a multirange
	fields     []field
	// checks are the conditions on VALUE of a domain.
	checks []string
}

type field struct {
	typ    uint32
	mod    int32
	format string
}

func readTypes(ctx context.Context, conn *pgx.Conn) (map[uint32]*typ, error) {
	rows, err := conn.Query(ctx, typeQuery, pgx.QueryExecModeExec)
	if err != nil {
		return nil, fmt.Errorf("read types: %w", err)
	}
	types := map[uint32]*typ{}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*typ, error) {
		t := &typ{}
		var fieldTypes []uint32
		var fieldMods []int32
		var fieldFormats []string
		err := row.Scan(&t.oid, &t.namespace, &t.name, &t.format, &t.kind, &t.category, &t.elem, &t.base, &t.baseMod, &t.baseFormat,
			&t.labels, &t.sub, &fieldTypes, &fieldMods, &fieldFormats, &t.checks)
		for i := range fieldTypes {
			t.fields = append(t.fields, field{fieldTypes[i], fieldMods[i], fieldFormats[i]})
		}
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("read types: %w", err)
	}
	for _, t := range list {
		types[t.oid] = t
	}
	if err := readRanges(ctx, conn, types); err != nil {
		return nil, fmt.Errorf("read range types: %w", err)
	}
	return types, nil
}

// readRanges says of each range what it is made of, and of each multirange which range it holds (PostgreSQL 14).
func readRanges(ctx context.Context, conn *pgx.Conn, types map[uint32]*typ) error {
	multi := "0::oid"
	if major(conn) >= 14 {
		multi = "rngmultitypid"
	}
	rows, err := conn.Query(ctx, "SELECT rngtypid, rngsubtype, "+multi+" FROM pg_catalog.pg_range", pgx.QueryExecModeExec)
	if err != nil {
		return err
	}
	var of, sub, multirange uint32
	_, err = pgx.ForEachRow(rows, []any{&of, &sub, &multirange}, func() error {
		if t := types[of]; t != nil {
			t.sub = sub
		}
		if t := types[multirange]; t != nil {
			t.sub = of
		}
		return nil
	})
	return err
}

// major is the server's major version.
func major(conn *pgx.Conn) int {
	n := 0
	for _, c := range conn.PgConn().ParameterStatus("server_version") {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int(c-'0')
	}
	return n
}
