package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect/pgtest"
)

// testLab is a lab on a server of its own, since cleaning it removes everything.
func testLab(t *testing.T) *lab {
	t.Helper()
	pgtest.Server(t)
	d, err := newDumper(t.Context(), 15, false)
	if err != nil {
		t.Skip(err)
	}
	l, err := newLab(t.Context(), options{major: 15}, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func testDatabase(t *testing.T, l *lab, name, script string) string {
	t.Helper()
	url, err := l.database(t.Context(), name)
	if err == nil {
		err = runScript(t.Context(), url, script)
	}
	if err != nil {
		t.Fatal(err)
	}
	return url
}

func TestResetLeavesNothing(t *testing.T) {
	l := testLab(t)
	for range 2 {
		testDatabase(t, l, "a", `CREATE ROLE "x y" SUPERUSER; CREATE TABLESPACE fast LOCATION '${TABLESPACE_DIR}';
			CREATE TABLE t (a int) TABLESPACE fast; ALTER TABLE t OWNER TO "x y";
			CREATE SUBSCRIPTION "s 1" CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false)`)
		testDatabase(t, l, "pleat_shadow_1", "CREATE TABLE t ()")
		leaked, err := l.reset(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"pleat_shadow_1"}, leaked); diff != "" {
			t.Error(diff)
		}
	}
	conn, err := pgx.Connect(t.Context(), l.shadow())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	left, err := column(t.Context(), conn, `SELECT rolname FROM pg_roles WHERE rolname NOT LIKE 'pg\_%'
		UNION ALL SELECT datname FROM pg_database UNION ALL SELECT spcname FROM pg_tablespace ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"pg_default", "pg_global", "postgres", "postgres", "template0", "template1"}, left); diff != "" {
		t.Error(diff)
	}
}

func TestScriptsMakeMissingRoles(t *testing.T) {
	l := testLab(t)
	script := `CREATE TABLE t (); GRANT SELECT ON t TO a, "b""c", PUBLIC; CREATE ROLE d; CREATE POLICY p ON t TO e;`
	url := testDatabase(t, l, "a", script)
	second := testDatabase(t, l, "b", script)
	first, err := l.dumper.dump(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	again, err := l.dumper.dump(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	v, err := judge(first, again)
	if err != nil || !v.same() || !strings.Contains(first, `TO "b""c"`) {
		t.Errorf("%v %v\n%s", err, v, first)
	}
	if err := runScript(t.Context(), url, "SELECT 1;\nDROP TABLE none;"); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %v", err)
	}
}

func TestRowsThatAreLost(t *testing.T) {
	l := testLab(t)
	before := testDatabase(t, l, "before", `CREATE TABLE t (a int, b text, c int, g int GENERATED ALWAYS AS (a) STORED);
		INSERT INTO t VALUES (1, 'x', 5), (2, 'y', 6), (2, 'y', 7); CREATE TABLE gone (); CREATE TABLE empty ();
		CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p DEFAULT; INSERT INTO p VALUES (1);`)
	after := testDatabase(t, l, "after", `CREATE TABLE t (b text, a int, c bigint, d int); CREATE TABLE empty (); CREATE TABLE p (a int);`)
	tables, err := sharedTables(t.Context(), before, after)
	if err != nil {
		t.Fatal(err)
	}
	want := []table{{schema: "public", name: "empty"}, {"public", "p", true, []string{"a"}}, {"public", "t", false, []string{"a", "b"}}}
	if diff := cmp.Diff(want, tables, cmp.AllowUnexported(table{}), cmp.Transformer("empty", func(s []string) string { return strings.Join(s, ",") })); diff != "" {
		t.Fatal(diff)
	}
	held, err := contents(t.Context(), before, tables)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ sql, want string }{
		{"ALTER TABLE t DROP c, ADD d int; INSERT INTO p VALUES (2); DELETE FROM p WHERE a = 2", ""},
		{"UPDATE t SET b = 'z' WHERE a = 1", "table public.t has other values in its 3 rows"},
		{"UPDATE t SET b = 'x' WHERE a = 1; DELETE FROM p", "table public.p had 1 rows and has 0"},
		{"INSERT INTO p VALUES (1); ALTER TABLE t RENAME b TO bb", `table public.t cannot be read: ERROR: column "b" does not exist (SQLSTATE 42703)`},
	} {
		if err := runScript(t.Context(), before, test.sql); err != nil {
			t.Fatal(err)
		}
		now, err := contents(t.Context(), before, tables)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(lost(held, now), "\n"); got != test.want {
			t.Errorf("after %s: %q, want %q", test.sql, got, test.want)
		}
	}
	left := spared(tables, []string{"table public.p", "column public.t.b"})
	if diff := cmp.Diff("public.empty[];public.t[a]", describe(left)); diff != "" {
		t.Error(diff)
	}
}

func describe(tables []table) string {
	var out []string
	for _, t := range tables {
		out = append(out, t.String()+"["+strings.Join(t.columns, ",")+"]")
	}
	return strings.Join(out, ";")
}

// TestCorporaLoadAlikeTwice holds the judge against real schemas: what is loaded twice must be equal, both states must not.
func TestCorporaLoadAlikeTwice(t *testing.T) {
	dir := pgtest.Corpora(t)
	var cases []material
	for set, count := range map[string]int{"pairs": 5, "schemas": 1} {
		all, err := casesOf(dir, set)
		if err != nil || len(all) < count {
			t.Fatalf("%d cases of %s: %v", len(all), set, err)
		}
		cases = append(cases, all[:count]...)
	}
	l := testLab(t)
	for _, m := range cases {
		t.Run(m.String(), func(t *testing.T) {
			dumps := map[string]string{}
			for name, script := range map[string]string{"one": m.new, "two": m.new, "old": m.old} {
				url := testDatabase(t, l, name, "")
				if err := load(t.Context(), url, m.setup, script); err != nil {
					t.Fatal(err)
				}
				var err error
				if dumps[name], err = l.dumper.dump(t.Context(), url); err != nil {
					t.Fatal(err)
				}
			}
			if v, err := judge(dumps["one"], dumps["two"]); err != nil || !v.same() || len(v.ByOrder) > 0 {
				t.Errorf("%v\n%s", err, strings.Join(v.lines(), "\n"))
			}
			if v, err := judge(dumps["one"], dumps["old"]); err != nil || v.same() {
				t.Errorf("the states do not differ: %v", err)
			}
			if _, err := l.reset(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCasesAreFound(t *testing.T) {
	dir := corpus(t, map[string]string{
		"schemas/a/schema.sql": "", "schemas/a/roles.sql": "", "schemas/b/NOTES.md": "", "upgrades/u/v1.sql": "", "upgrades/u/v2.sql": "",
		"pairs/f/c/old.sql": "", "pairs/f/c/new.sql": "", "pairs/f/c/seed.sql": "",
	})
	var got []string
	for _, set := range sets {
		cases, err := casesOf(dir, set)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range cases {
			line := m.String()
			for _, path := range []string{m.setup, m.old, m.seed, m.new} {
				line += " " + strings.TrimSuffix(filepath.Base(path), ".")
			}
			got = append(got, line)
		}
	}
	want := []string{
		"upgrades/u  v1.sql  v2.sql", "schemas/a roles.sql   schema.sql",
		"pairs/f/c  old.sql seed.sql new.sql", "pairs/f/c (reverse)  new.sql  old.sql",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
