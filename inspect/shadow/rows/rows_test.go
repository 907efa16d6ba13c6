package rows

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect/pgtest"
)

//go:embed testdata/rich.sql
var rich string

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// digest is a fingerprint of all rows of all tables, in any order.
func digest(t *testing.T, conn *pgx.Conn) string {
	t.Helper()
	ctx := context.Background()
	s, err := read(ctx, conn)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, table := range s.tables {
		if table.foreign {
			continue
		}
		var sum string
		sql := "SELECT count(*)::text || ' ' || coalesce(sum(pg_catalog.hashtextextended(t::text, 0)), 0)::text FROM ONLY " + table.name() + " AS t"
		if err := conn.QueryRow(ctx, sql, pgx.QueryExecModeExec).Scan(&sum); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, table.id, sum)
	}
	return b.String()
}

func TestFillRich(t *testing.T) {
	ctx := context.Background()
	var digests []string
	for range 2 {
		url := pgtest.URL(t)
		pgtest.Exec(t, url, rich)
		conn := connect(t, url)
		report, err := Fill(ctx, conn, Options{Rows: 200, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Tables {
			if f.Rows == 0 || f.Rows < int64(f.Wanted) && !strings.Contains(f.Table.Name, "few") {
				t.Errorf("%s: %d of %d rows: %s", f.Table, f.Rows, f.Wanted, f.Reason)
			}
		}
		for _, n := range report.Notes {
			t.Errorf("note: %s", n)
		}
		revalidate(t, conn)
		digests = append(digests, digest(t, conn))
	}
	if digests[0] != digests[1] {
		t.Errorf("the same seed gave other rows:\n%s\n%s", digests[0], digests[1])
	}
}

// revalidate makes the server verify every constraint over the rows again: triggers rested while they were made.
func revalidate(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	ctx := context.Background()
	rows, err := conn.Query(ctx, `SELECT c.conrelid::regclass::text, c.conname::text, pg_catalog.pg_get_constraintdef(c.oid)
		FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class r ON r.oid = c.conrelid AND r.relkind = 'r'
		WHERE c.contype IN ('c', 'f') AND c.conparentid = 0 AND c.conislocal`, pgx.QueryExecModeExec)
	if err != nil {
		t.Fatal(err)
	}
	type constraint struct{ table, name, def string }
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c constraint, err error) { return c, row.Scan(&c.table, &c.name, &c.def) })
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range all {
		sql := fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT pleat_again_%d %s", c.table, i, c.def)
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Errorf("%s of %s does not hold: %v", c.name, c.table, err)
		}
	}
}
