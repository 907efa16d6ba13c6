package lint_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/planner/lint"
	"github.com/pleatdb/pleat/schema"
)

func stmt(line int, sql string) lint.Statement {
	return lint.Statement{SQL: sql, Line: line, Column: 1}
}

func TestAllow(t *testing.T) {
	file := lint.File{
		Path: "a.sql", Managed: true,
		Up: []lint.Unit{
			{Transactional: true, Step: 1, Statements: []lint.Statement{stmt(2, "ALTER TABLE t DROP COLUMN a"), stmt(5, "ALTER TABLE t DROP COLUMN b")}},
			{Transactional: true, Step: 2, Statements: []lint.Statement{stmt(9, "ALTER TABLE t DROP COLUMN c")}},
		},
	}
	for _, tc := range []struct {
		name  string
		allow lint.Allow
		want  []bool
	}{
		{"the whole file", lint.Allow{Code: "CO18", Reason: "r"}, []bool{true, true, true}},
		{"one step", lint.Allow{Code: "CO18", Reason: "r", Step: 2, Line: 8}, []bool{false, false, true}},
		{"the next statement", lint.Allow{Code: "CO18", Reason: "r", Line: 4, Next: true}, []bool{false, true, false}},
		{"another code", lint.Allow{Code: "CO22", Reason: "r", Line: 4}, []bool{false, false, false}},
	} {
		file.Allow = []lint.Allow{tc.allow}
		var got []bool
		for _, f := range lint.Check([]lint.File{file}, lint.Options{}) {
			if f.Code == "CO18" {
				got = append(got, f.Allowed != nil && f.Allowed.Reason == "r")
			}
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tc.name, diff)
		}
	}
}

func TestSmallTablesAreNotes(t *testing.T) {
	file := lint.File{Path: "a.sql", Managed: true, Up: []lint.Unit{{Transactional: true, Statements: []lint.Statement{stmt(1, "CREATE INDEX i ON t (a)")}}}}
	for size, want := range map[int64]lint.Severity{1 << 20: lint.Note, 1 << 30: lint.Error} {
		found := lint.Check([]lint.File{file}, lint.Options{Sizes: map[schema.ID]int64{tableID("public.t"): size}})
		if len(found) != 1 || found[0].Code != "KX10" || found[0].Severity != want {
			t.Errorf("%d bytes: %+v", size, found)
		}
	}
	found := lint.Check([]lint.File{file}, lint.Options{Policy: lint.Policy{Severity: map[string]lint.Severity{"KX10": lint.Warning}}})
	if len(found) != 1 || found[0].Severity != lint.Warning {
		t.Errorf("the policy's severity does not count: %+v", found)
	}
}

// TestWayDown shows that drops and renames are what a way down is for, and that locks still count.
func TestWayDown(t *testing.T) {
	file := lint.File{
		Path: "a.sql", Managed: true,
		Up:   []lint.Unit{{Transactional: true, Statements: []lint.Statement{stmt(1, "CREATE TABLE n (a int)"), stmt(2, "ALTER TABLE t ADD COLUMN c int")}}},
		Down: []lint.Unit{{Transactional: true, Statements: []lint.Statement{stmt(5, "ALTER TABLE t DROP COLUMN c"), stmt(6, "DROP TABLE n"), stmt(7, "CREATE INDEX i ON t (a)")}}},
	}
	next := lint.File{Path: "b.sql", Managed: true, Up: []lint.Unit{{Transactional: true, Statements: []lint.Statement{stmt(1, "ALTER TABLE t ALTER c TYPE bigint")}}}}
	var got []string
	for _, f := range lint.Check([]lint.File{file, next}, lint.Options{}) {
		got = append(got, f.File+" "+f.Code+map[bool]string{true: " down"}[f.Down]+" "+string(f.Severity))
	}
	want := []string{"a.sql KX10 down error", "a.sql LK03 down warning", "b.sql CO12 error", "b.sql LK18 note"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestHostileNames gives names that have to be quoted to statements of many kinds.
func TestHostileNames(t *testing.T) {
	for _, name := range []string{`a"b`, "a\nb", "$1", "{table}", strings.Repeat("ü", 31), "select"} {
		q := schema.Quote(name)
		sql := []string{
			"CREATE TABLE " + q + "." + q + " (" + q + " varchar(3) PRIMARY KEY)", "ALTER TABLE " + q + " ADD COLUMN " + q + " uuid DEFAULT gen_random_uuid() NOT NULL",
			"ALTER TABLE " + q + " ADD CONSTRAINT " + q + " FOREIGN KEY (" + q + ") REFERENCES " + q + "." + q, "CREATE INDEX " + q + " ON " + q + " (" + q + ")",
			"ALTER TABLE " + q + " RENAME COLUMN y TO " + q, "DROP TABLE " + q + " CASCADE", "ALTER TABLE " + q + " ALTER " + q + " TYPE text",
			"ALTER DOMAIN " + q + " SET NOT NULL", "ALTER TYPE " + q + " RENAME VALUE 'a' TO 'b'", "ALTER TABLE " + q + " ADD CONSTRAINT " + q + " NOT NULL " + q,
		}
		var statements []lint.Statement
		for i, s := range sql {
			statements = append(statements, stmt(i+1, s))
		}
		found := lint.Check([]lint.File{{Path: "a.sql", Up: []lint.Unit{{Transactional: true, Statements: statements}}}}, lint.Options{})
		seen := map[string]bool{}
		for _, f := range found {
			seen[f.Code] = true
			if f.Code == "CO01" && !strings.Contains(f.Safe, q+" uuid") {
				t.Errorf("%q: the safe form does not name the column: %s", name, f.Safe)
			}
		}
		for _, code := range []string{"CO01", "KX01", "KX10", "CO22", "TB01", "CO12", "KX18", "TB12", "CO09"} {
			if !seen[code] {
				t.Errorf("%q: no %s", name, code)
			}
		}
		if seen["PA01"] {
			t.Errorf("%q: a statement is not understood", name)
		}
	}
}

// TestUnterminated shows that no text makes the linter fail.
func TestUnterminated(t *testing.T) {
	for _, sql := range []string{"", ";", "ALTER TABLE", "CREATE INDEX ON", "\x00", "DROP", "ALTER TABLE t", "REINDEX", "VACUUM FULL", "CLUSTER", "COMMENT ON", "ALTER DOMAIN d"} {
		found := lint.Check([]lint.File{{Path: "a.sql", Up: []lint.Unit{{Statements: []lint.Statement{stmt(1, sql)}}}}}, lint.Options{})
		for _, f := range found {
			if f.Line == 0 {
				t.Errorf("%q: finding without a line: %+v", sql, f)
			}
		}
	}
}
