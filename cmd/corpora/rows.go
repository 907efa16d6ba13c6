package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// table is what is watched of one table: the columns that both states have under the same name and type.
type table struct {
	schema, name string
	partitioned  bool // in one of the states
	columns      []string
}

func (t table) String() string { return t.schema + "." + t.name }

// content is what a table held: how many rows, and a digest of them in any order.
type content struct {
	rows   int64
	digest string
}

// tablesQuery lists the ordinary and partitioned tables with their stored columns; generated ones follow from the others.
// Partitions are left out: their rows are seen through the table, and may move between them.
// The type is without its length: that a value survives a change of length is what is to be seen.
const tablesQuery = `
SELECT n.nspname, c.relname, c.relkind = 'p',
       coalesce(array_agg(a.attname::text ORDER BY a.attname) FILTER (WHERE a.attname IS NOT NULL), '{}'),
       coalesce(array_agg(format_type(a.atttypid, NULL) ORDER BY a.attname) FILTER (WHERE a.attname IS NOT NULL), '{}')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'pleat')
GROUP BY n.nspname, c.relname, c.relkind ORDER BY 1, 2`

// sharedTables are the tables that both databases have, with the columns that both have.
func sharedTables(ctx context.Context, before, after string) ([]table, error) {
	old, err := readTables(ctx, before)
	if err != nil {
		return nil, err
	}
	next, err := readTables(ctx, after)
	if err != nil {
		return nil, err
	}
	var shared []table
	for key, t := range old {
		other, ok := next[key]
		if !ok {
			continue
		}
		t.table.partitioned = t.partitioned || other.partitioned
		t.table.columns = slices.DeleteFunc(slices.Sorted(maps.Keys(t.types)), func(name string) bool {
			return other.types[name] != t.types[name]
		})
		shared = append(shared, t.table)
	}
	slices.SortFunc(shared, func(a, b table) int { return strings.Compare(a.String(), b.String()) })
	return shared, nil
}

// typedTable is a table with the types of its columns by name.
type typedTable struct {
	table
	types map[string]string
}

func readTables(ctx context.Context, url string) (map[string]typedTable, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("read tables: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, tablesQuery)
	if err != nil {
		return nil, fmt.Errorf("read tables: %w", err)
	}
	found := map[string]typedTable{}
	var t typedTable
	var names, types []string
	_, err = pgx.ForEachRow(rows, []any{&t.schema, &t.name, &t.partitioned, &names, &types}, func() error {
		t.types = map[string]string{}
		for i, name := range names {
			t.types[name] = types[i]
		}
		found[t.schema+"\x00"+t.name] = t
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read tables: %w", err)
	}
	return found, nil
}

// spared are the tables less those and their columns that a plan said it destroys.
func spared(tables []table, destroyed []string) []table {
	var paths []string
	for _, id := range destroyed {
		if u, ok := readUnmanaged(id); ok {
			paths = append(paths, strings.Join(u.path, "\x00"))
		}
	}
	var kept []table
	for _, t := range tables {
		key := t.schema + "\x00" + t.name
		if slices.Contains(paths, key) {
			continue
		}
		t.columns = slices.DeleteFunc(slices.Clone(t.columns), func(c string) bool {
			return slices.Contains(paths, key+"\x00"+c)
		})
		kept = append(kept, t)
	}
	return kept
}

// contents reads what the tables hold. A table that cannot be read any more has no entry but an error in the text.
func contents(ctx context.Context, url string, tables []table) (map[string]content, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	held := map[string]content{}
	for _, t := range tables {
		var c content
		if err := conn.QueryRow(ctx, t.digestQuery()).Scan(&c.rows, &c.digest); err != nil {
			if ctx.Err() != nil || conn.IsClosed() {
				return nil, fmt.Errorf("read rows: %w", err)
			}
			c = content{rows: -1, digest: err.Error()}
		}
		held[t.String()] = c
	}
	return held, nil
}

// digestQuery counts the rows and digests them in any order. Rows of tables that inherit count for these alone.
func (t table) digestQuery() string {
	only := "ONLY "
	if t.partitioned {
		only = ""
	}
	columns := make([]string, len(t.columns))
	for i, c := range t.columns {
		columns[i] = pgx.Identifier{c}.Sanitize()
	}
	return "SELECT count(*), coalesce(md5(string_agg(h, '' ORDER BY h)), '') FROM (SELECT md5(ROW(" + strings.Join(columns, ", ") +
		")::text) AS h FROM " + only + pgx.Identifier{t.schema, t.name}.Sanitize() + ") AS digests"
}

// lost says which tables do not hold any more what they held.
func lost(before, after map[string]content) []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(before)) {
		was, is := before[name], after[name]
		switch {
		case was == is:
		case is.rows < 0:
			lines = append(lines, fmt.Sprintf("table %s cannot be read: %s", name, is.digest))
		case was.rows != is.rows:
			lines = append(lines, fmt.Sprintf("table %s had %d rows and has %d", name, was.rows, is.rows))
		default:
			lines = append(lines, fmt.Sprintf("table %s has other values in its %d rows", name, is.rows))
		}
	}
	return lines
}
