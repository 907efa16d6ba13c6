package rehearse

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema"
)

// census is what all tables hold: how many rows, and of each column a digest that does not depend on their order. No value can be read
// back from it.
type census map[uint32]*counted

type counted struct {
	oid     uint32
	id      schema.ID
	rows    int64
	columns []countedColumn
}

type countedColumn struct {
	number    int16
	name      string
	format    string
	generated bool
	digest    string
}

const columnsOfTables = `SELECT c.oid, n.nspname::text, c.relname::text, coalesce(a.attnum, 0), coalesce(a.attname::text, ''),
		coalesce(pg_catalog.format_type(a.atttypid, a.atttypmod), ''), coalesce(a.attgenerated <> '', false)
	FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
	WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'pleat')
	ORDER BY c.oid, a.attnum`

// count takes a census.
func count(ctx context.Context, conn *pgx.Conn) (census, error) {
	rows, err := conn.Query(ctx, columnsOfTables, pgx.QueryExecModeExec)
	if err != nil {
		return nil, fmt.Errorf("list what is counted: %w", err)
	}
	out := census{}
	var t counted
	var c countedColumn
	_, err = pgx.ForEachRow(rows, []any{&t.oid, &t.id.Schema, &t.id.Name, &c.number, &c.name, &c.format, &c.generated}, func() error {
		t.id.Kind = schema.KindTable
		if out[t.oid] == nil {
			out[t.oid] = &counted{oid: t.oid, id: t.id}
		}
		if c.number > 0 {
			out[t.oid].columns = append(out[t.oid].columns, c)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list what is counted: %w", err)
	}
	for _, t := range out {
		if err := t.count(ctx, conn); err != nil {
			return nil, fmt.Errorf("count rows of %s: %w", t.id, err)
		}
	}
	return out, nil
}

func (t *counted) count(ctx context.Context, conn *pgx.Conn) error {
	list := []string{"count(*)::text"}
	for _, c := range t.columns {
		list = append(list, "count("+schema.Quote(c.name)+")::text || ':' || coalesce(sum(pg_catalog.hashtextextended("+schema.Quote(c.name)+"::text, 0)), 0)::text")
	}
	var values []string
	err := conn.QueryRow(ctx, "SELECT ARRAY["+strings.Join(list, ", ")+"] FROM ONLY "+schema.Qualified(t.id.Schema, t.id.Name), pgx.QueryExecModeExec).Scan(&values)
	if err != nil {
		return err
	}
	if _, err := fmt.Sscan(values[0], &t.rows); err != nil {
		return err
	}
	for i := range t.columns {
		t.columns[i].digest = values[i+1]
	}
	return nil
}

// find is the table that another census calls the same: the one with the same OID, else the same name.
func (c census) find(t *counted) *counted {
	if same := c[t.oid]; same != nil {
		return same
	}
	for _, other := range c {
		if other.id == t.id {
			return other
		}
	}
	return nil
}

// find is the column that was this one: the same number in the same table, else the same name.
func (t *counted) find(c countedColumn, sameTable bool) *countedColumn {
	for _, by := range []func(countedColumn) bool{
		func(o countedColumn) bool { return sameTable && o.number == c.number },
		func(o countedColumn) bool { return o.name == c.name },
	} {
		if i := slices.IndexFunc(t.columns, by); i >= 0 {
			return &t.columns[i]
		}
	}
	return nil
}

// difference is something that is not as it was.
type difference struct {
	table  schema.ID
	column string // empty for the table itself
	what   string // gone, fewer, more, changed, retyped
	before int64
	after  int64
}

func (d difference) String() string {
	name := d.table.Path()
	switch {
	case d.what == "gone" && d.column != "":
		return fmt.Sprintf("column %s is gone", schema.ColumnID(d.table, d.column).Path())
	case d.what == "gone":
		return fmt.Sprintf("table %s is gone, with %d rows", name, d.before)
	case d.what == "fewer" || d.what == "more":
		return fmt.Sprintf("%s has %d rows, %d before", name, d.after, d.before)
	}
	return fmt.Sprintf("values of %s are not what they were", schema.ColumnID(d.table, d.column).Path())
}

// compare lists what is not as it was. New tables and columns are no difference.
func compare(before, after census) (out []difference) {
	for _, was := range before {
		is := after.find(was)
		if is == nil {
			if was.rows > 0 {
				out = append(out, difference{table: was.id, what: "gone", before: was.rows})
			}
			continue
		}
		d := difference{table: was.id, before: was.rows, after: is.rows}
		if is.rows != was.rows {
			d.what = "more"
			if is.rows < was.rows {
				d.what = "fewer"
			}
			out = append(out, d)
			continue // the digests of other rows are others
		}
		out = append(out, was.compare(is, d)...)
	}
	slices.SortFunc(out, func(a, b difference) int {
		if c := a.table.Compare(b.table); c != 0 {
			return c
		}
		return strings.Compare(a.column, b.column)
	})
	return out
}

func (t *counted) compare(is *counted, d difference) (out []difference) {
	for _, c := range t.columns {
		now := is.find(c, t.oid == is.oid)
		d.column, d.what = c.name, ""
		switch {
		case now == nil && !strings.HasPrefix(c.digest, "0:"):
			d.what = "gone"
		case now == nil || now.digest == c.digest || c.generated:
		case now.format != c.format:
			d.what = "retyped"
		default:
			d.what = "changed"
		}
		if d.what != "" {
			out = append(out, d)
		}
	}
	return out
}
