package legacy_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/schema"
)

// fill makes a sample's table, as it is called here, in a schema.
func (s *sample) fill(t *testing.T, conn *pgx.Conn, namespace, table string, rows bool) {
	t.Helper()
	name := schema.Quote(table)
	sql := fmt.Sprintf("CREATE SCHEMA IF NOT EXISTS %s; SET search_path = %[1]s;", schema.Quote(namespace))
	if strings.Contains(s.columns, " schema_version_type ") {
		sql += "CREATE TYPE schema_version_type AS ENUM ('auto', 'manual');"
	}
	sql += "CREATE TABLE " + name + " (" + s.columns + ");"
	if rows {
		sql += "INSERT INTO " + name + " VALUES " + s.rows + ";"
	}
	sql += strings.ReplaceAll(s.beside, "{lock}", schema.Quote(table+"_lock"))
	if err := load(conn, sql); err != nil {
		t.Fatalf("make the tables of %s: %v", s.tool, err)
	}
}

// all makes one database with every sample, each in a schema of its own: "tenant of TOOL", unless the tool has one.
func all(t *testing.T, table func(i int, s *sample) string, rows bool) *pgx.Conn {
	t.Helper()
	conn := made(t)
	for i := range samples {
		s := &samples[i]
		if name := table(i, s); name != "" {
			s.fill(t, conn, s.tenant(), name, rows)
		}
	}
	return conn
}

func (s *sample) tenant() string {
	if s.schema != "" {
		return s.schema
	}
	return "tenant of " + string(s.tool)
}

// list is what was found, one line each.
func list(found []legacy.Source) (out []string) {
	for i := range found {
		out = append(out, fmt.Sprintf("%s in %s, %d rows", found[i].Tool, &found[i], found[i].Rows))
	}
	slices.Sort(out)
	return out
}

func TestSamplesAreOfAllTools(t *testing.T) {
	t.Parallel()
	for _, tool := range legacy.Tools() {
		if !slices.ContainsFunc(samples, func(s sample) bool { return s.tool == tool }) {
			t.Errorf("there is no sample of %s", tool)
		}
	}
}

// TestEveryToolInATenantSchema finds each history in whatever schema, and takes none for that of another tool.
func TestEveryToolInATenantSchema(t *testing.T) {
	t.Parallel()
	conn := all(t, func(_ int, s *sample) string { return s.table }, true)
	var want []string
	for _, s := range samples {
		want = append(want, fmt.Sprintf("%s in %s, %d rows", s.tool, schema.Qualified(s.tenant(), s.table), rowsOf(&s)))
	}
	slices.Sort(want)
	same(t, "histories", want, list(found(t, conn, "")))
	for _, s := range samples {
		h := adopt(t, conn, legacy.Wanted{Tool: s.tool, Table: s.tenant() + "." + s.table}, "")
		if len(h.Entries) == 0 || len(h.Problems) > 0 {
			t.Errorf("%s: %d entries, problems %v", s.tool, len(h.Entries), h.Problems)
		}
	}
}

// rowsOf counts a sample's rows: those with a tuple behind another.
func rowsOf(s *sample) int { return strings.Count(s.rows, "), (") + 1 }

// TestRenamedHistories finds tables that were given another name, where rows and columns say enough without one, else when the tool is named.
func TestRenamedHistories(t *testing.T) {
	t.Parallel()
	name := func(i int, s *sample) string {
		if s.fixed {
			return ""
		}
		return fmt.Sprintf("Schritt \"%d\"", i)
	}
	conn := all(t, name, true)
	got := found(t, conn, "")
	for i := range samples {
		s := &samples[i]
		if s.fixed {
			continue
		}
		here := func(o legacy.Source) bool { return o.Schema == s.tenant() && o.Table == name(i, s) }
		hits := slices.DeleteFunc(slices.Clone(got), func(o legacy.Source) bool { return !here(o) })
		switch {
		case s.hidden && len(hits) > 0, !s.hidden && (len(hits) != 1 || hits[0].Tool != s.tool):
			t.Errorf("%s under another name: got %v", s.tool, list(hits))
		}
		h := adopt(t, conn, legacy.Wanted{Tool: s.tool, Table: s.tenant() + "." + name(i, s)}, "")
		if len(h.Entries) == 0 || len(h.Problems) > 0 {
			t.Errorf("%s under another name: %d entries, problems %v", s.tool, len(h.Entries), h.Problems)
		}
	}
}

// TestEmptyHistories finds tables without rows and does not take them unasked.
func TestEmptyHistories(t *testing.T) {
	t.Parallel()
	conn := all(t, func(_ int, s *sample) string { return s.table }, false)
	got := found(t, conn, "")
	for i := range samples {
		s := &samples[i]
		hits := slices.DeleteFunc(slices.Clone(got), func(o legacy.Source) bool { return o.Schema != s.tenant() || o.Table != s.table })
		if !s.unread && (len(hits) != 1 || hits[0].Tool != s.tool || hits[0].Rows != 0) {
			t.Errorf("%s without rows: got %v", s.tool, list(hits))
		}
	}
	if s, ok, err := legacy.Choose(got, legacy.Wanted{}); ok || err != nil {
		t.Errorf("chose %v, %v", s, err)
	}
}

// TestSeveralHistories refuses to choose among histories, names them, and takes the one that is named.
func TestSeveralHistories(t *testing.T) {
	t.Parallel()
	conn := made(t)
	byTool := func(tool legacy.Tool) *sample {
		return &samples[slices.IndexFunc(samples, func(s sample) bool { return s.tool == tool })]
	}
	byTool(legacy.Knex).fill(t, conn, "public", "knex_migrations", true)
	byTool(legacy.Laravel).fill(t, conn, "public", "migrations", true)
	byTool(legacy.Laravel).fill(t, conn, "tenant_b", "migrations", true)
	byTool(legacy.TypeORM).fill(t, conn, "public", "empty_one", false)
	got := found(t, conn, "")
	_, _, err := legacy.Choose(got, legacy.Wanted{})
	var problem *legacy.Problem
	if !errors.As(err, &problem) || problem.Code != legacy.SeveralHistories {
		t.Fatalf("chose among %v: %v", list(got), err)
	}
	for _, part := range []string{"3 histories", "knex in public.knex_migrations (1 rows)", "laravel in public.migrations (1 rows)", "laravel in tenant_b.migrations (1 rows)", "--from", "--table"} {
		if !strings.Contains(problem.Error(), part) {
			t.Errorf("%q does not say %q", problem.Error(), part)
		}
	}
	for _, c := range []struct {
		w    legacy.Wanted
		want string
		code legacy.Code
	}{
		{legacy.Wanted{Tool: legacy.Knex}, "public.knex_migrations", ""},
		{legacy.Wanted{Table: "knex_migrations"}, "public.knex_migrations", ""},
		{legacy.Wanted{Table: "tenant_b.migrations"}, "tenant_b.migrations", ""},
		{legacy.Wanted{Tool: legacy.Laravel, Table: "public.migrations"}, "public.migrations", ""},
		{legacy.Wanted{Tool: legacy.Laravel}, "", legacy.SeveralHistories},
		{legacy.Wanted{Table: "migrations"}, "", legacy.SeveralHistories},
		{legacy.Wanted{Tool: legacy.Goose}, "", legacy.NoHistory},
		{legacy.Wanted{Table: "nothing"}, "", legacy.NoHistory},
	} {
		s, ok, err := legacy.Choose(found(t, conn, c.w.Tool), c.w)
		switch {
		case c.code != "" && (!errors.As(err, &problem) || problem.Code != c.code):
			t.Errorf("%+v: want %s, got %v, %v", c.w, c.code, s, err)
		case c.code == "" && (err != nil || !ok || s.String() != c.want):
			t.Errorf("%+v: want %s, got %v, %v, %v", c.w, c.want, &s, ok, err)
		}
	}
}

// TestNothingInRows puts null into every column of every table, and text that means harm into those that take it: nothing panics, and every row is
// accounted for, or the refusal says why not.
func TestNothingInRows(t *testing.T) {
	t.Parallel()
	conn := all(t, func(_ int, s *sample) string { return s.table }, true)
	ctx := context.Background()
	const harm = "x\n\"'$1;{}\\../\u202e%"
	for i := range samples {
		s := &samples[i]
		table := schema.Qualified(s.tenant(), s.table)
		loose := "DO $do$ DECLARE c text; BEGIN FOR c IN SELECT conname FROM pg_constraint WHERE contype <> 'n' AND conrelid = " + schema.Literal(table) + "::regclass LOOP " +
			"EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', " + schema.Literal(table) + ", c); END LOOP; " +
			"FOR c IN SELECT attname FROM pg_attribute WHERE attrelid = " + schema.Literal(table) + "::regclass AND attnum > 0 LOOP " +
			"EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL, ALTER COLUMN %I DROP DEFAULT', " + schema.Literal(table) + ", c, c); END LOOP; END $do$"
		if _, err := conn.Exec(ctx, loose); err != nil {
			t.Fatalf("%s: %v", s.tool, err)
		}
		if _, err := conn.Exec(ctx, "INSERT INTO "+table+" DEFAULT VALUES"); err != nil {
			t.Fatalf("%s: %v", s.tool, err)
		}
		harmful(t, conn, table, harm)
		h := adopt(t, conn, legacy.Wanted{Tool: s.tool, Table: s.tenant() + "." + s.table, Project: s.project}, "")
		if len(h.Problems) == 0 && int64(len(h.Entries)+len(h.Markers)) < h.Source.Rows {
			t.Errorf("%s: %d rows, and %d entries with %d markers, without a problem", s.tool, h.Source.Rows, len(h.Entries), len(h.Markers))
		}
		for _, p := range h.Problems {
			if p.Message == "" || p.Next == "" {
				t.Errorf("%s: problem %s says nothing: %+v", s.tool, p.Code, p)
			}
		}
	}
}

// harmful adds a row with a text in each column that takes it.
func harmful(t *testing.T, conn *pgx.Conn, table, text string) {
	t.Helper()
	ctx := context.Background()
	rows, err := conn.Query(ctx, "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND atttypid IN ('text'::regtype, 'varchar'::regtype) AND (atttypmod < 0 OR atttypmod > 24)", table)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		if _, err := conn.Exec(ctx, "INSERT INTO "+table+" DEFAULT VALUES"); err != nil {
			t.Fatal(err)
		}
		return
	}
	var columns, values []string
	for _, n := range names {
		columns, values = append(columns, schema.Quote(n)), append(values, schema.Literal(text))
	}
	if _, err := conn.Exec(ctx, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(values, ", ")+")"); err != nil {
		t.Fatalf("%s: %v", table, err)
	}
}
