package inspect

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/schema"
)

// Size is how large a table, materialized view or index is.
type Size struct {
	// Rows is an estimate; -1 where the server has none yet. An index has as many entries.
	Rows int64
	// Bytes are those of the rows with their TOAST table, or of the index.
	Bytes int64
	// Indexes are the bytes of all indexes of a table.
	Indexes int64
}

// sizeWait bounds how long Sizes waits for a table that another session has locked exclusively.
const sizeWait = "1s"

// Sizes reads how large the tables, materialized views and indexes in the scope of the options are. An index has an ID of its own
// kind, that behind a key too; a partitioned table or index is as large as its partitions together. The connection must be
// outside a transaction. No privilege on the tables is needed.
//
// The sizes are those of now. While another session holds a table exclusively, they are those that the last
// VACUUM or ANALYZE of each table saw.
func Sizes(ctx context.Context, conn *pgx.Conn, opt Options) (map[schema.ID]Size, error) {
	sizes, err := readSizes(ctx, conn, opt, true)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "55P03" { // lock_not_available
		sizes, err = readSizes(ctx, conn, opt, false)
	}
	if err != nil {
		return nil, fmt.Errorf("read sizes: %w", err)
	}
	return sizes, nil
}

func readSizes(ctx context.Context, conn *pgx.Conn, opt Options, exact bool) (map[schema.ID]Size, error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	r, err := newReader(opt)
	if err != nil {
		return nil, err
	}
	if err := r.startSession(ctx, conn.PgConn()); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '"+sizeWait+"'"); err != nil {
		return nil, err
	}
	all, err := ask[namespaceRow](ctx, conn.PgConn(), r.version, "namespace")
	if err != nil {
		return nil, err
	}
	scope, err := r.choose(all)
	if err != nil {
		return nil, err
	}
	rows, err := ask[sizeRow](ctx, conn.PgConn(), r.version, "size", oidArray(scope), strconv.AppendBool(nil, exact))
	if err != nil {
		return nil, err
	}
	return r.sizes(rows), nil
}

type sizeRow struct {
	OID      uint32 `db:"oid"`
	Schema   string `db:"schema"`
	Name     string `db:"name"`
	Kind     string `db:"kind"`
	Relation string `db:"relation"`
	Parent   uint32 `db:"parent"`
	Tuples   string `db:"tuples"`
	Pages    int64  `db:"pages"`
	Main     int64  `db:"main"`
	Bytes    int64  `db:"bytes"`
	Block    int64  `db:"block"`
}

func (row *sizeRow) id() schema.ID {
	switch row.Kind {
	case "m":
		return schema.ID{Kind: schema.KindMaterialized, Schema: row.Schema, Name: row.Name}
	case "i", "I":
		return schema.ID{Kind: schema.KindIndex, Schema: row.Schema, Parent: row.Relation, Name: row.Name}
	}
	return schema.ID{Kind: schema.KindTable, Schema: row.Schema, Name: row.Name}
}

// rows are those that VACUUM or ANALYZE counted, extrapolated to the pages that there are now, as the server's planner does it.
func (row *sizeRow) rows() int64 {
	tuples, err := strconv.ParseFloat(row.Tuples, 64)
	switch {
	case row.Main == 0:
		return 0
	case err != nil || tuples < 0 || row.Pages == 0: // 13 says 0 where later versions say -1
		return -1
	}
	return int64(tuples * float64(row.Main/row.Block) / float64(row.Pages))
}

// sizes adds up partitions and indexes.
func (r *reader) sizes(rows []sizeRow) map[schema.ID]Size {
	byOID := map[uint32]*sizeRow{}
	sums := map[uint32]*Size{}
	for i := range rows {
		row := &rows[i]
		byOID[row.OID] = row
		if row.Kind == "p" || row.Kind == "I" {
			sums[row.OID] = &Size{}
		} else {
			sums[row.OID] = &Size{Rows: row.rows(), Bytes: row.Bytes}
		}
	}
	for _, row := range rows {
		if row.Kind != "p" && row.Kind != "I" {
			sums[row.OID].spread(row.Parent, byOID, sums)
		}
	}
	out := map[schema.ID]Size{}
	for oid, size := range sums {
		if id := byOID[oid].id(); !r.ignored(id) {
			out[id] = *size
		}
	}
	for id, size := range out {
		if id.Kind != schema.KindIndex {
			continue
		}
		for _, kind := range []schema.Kind{schema.KindTable, schema.KindMaterialized} {
			of := schema.ID{Kind: kind, Schema: id.Schema, Name: id.Parent}
			if table, ok := out[of]; ok {
				table.Indexes += size.Bytes
				out[of] = table
			}
		}
	}
	return out
}

// spread adds the size of a partition to all above it.
func (s *Size) spread(parent uint32, byOID map[uint32]*sizeRow, sums map[uint32]*Size) {
	for above := byOID[parent]; above != nil; above = byOID[above.Parent] {
		sum := sums[above.OID]
		sum.Bytes += s.Bytes
		if s.Rows < 0 || sum.Rows < 0 {
			sum.Rows = -1
		} else {
			sum.Rows += s.Rows
		}
	}
}
