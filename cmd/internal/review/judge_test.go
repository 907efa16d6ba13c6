package review

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/planner/lint"
)

func judged(t *testing.T, s *Set) (out []string) {
	t.Helper()
	for _, f := range s.Judge(lint.Options{}) {
		if strings.HasPrefix(f.Code, "LK") { // about sessions, of which these files say nothing
			continue
		}
		line := fmt.Sprintf("%s %s:%d:%d-%d:%d %s", f.Code, filepath.Base(f.Path), f.Line, f.Column, f.EndLine, f.EndColumn, f.Severity)
		if f.Allowed != nil {
			line += " allowed: " + f.Allowed.Reason
		}
		out = append(out, line)
	}
	return out
}

// TestJudge has findings of every origin at their places: way up, way back in a file of its own, what cannot be read, what
// only psql can run, and what is allowed for a statement and for a file.
func TestJudge(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "1_a.up.sql", "CREATE TABLE a (x int, y int);\n")
	write(t, dir, "2_b.up.sql", "\\set x 1\nCREATE INDEX i\n  ON a (x);\n-- pleat: allow KX10 empty\nCREATE INDEX j ON a (y);\n")
	write(t, dir, "2_b.down.sql", "SELECT 'é'; ALTER TABLE a ALTER x SET NOT NULL;\n")
	write(t, dir, "3_c.up.sql", "-- pleat: allow KX10 all of it\n\nCREATE INDEX k ON a (x);\nCREATE INDEX l ON a (y);\n")
	write(t, dir, "4_d.up.sql", "SELECT 1;\nSELECT 'torn\n")
	s, err := Read(t.Context(), Request{Paths: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"PA02 2_b.up.sql:1:1-0:0 warning",
		"KX10 2_b.up.sql:2:1-3:11 error",
		"KX10 2_b.up.sql:5:1-5:24 error allowed: empty",
		"CO09 2_b.down.sql:1:13-1:47 error",
		"KX10 3_c.up.sql:3:1-3:24 error allowed: all of it",
		"KX10 3_c.up.sql:4:1-4:24 error allowed: all of it",
		"PA02 4_d.up.sql:2:1-0:0 error",
	}
	if diff := cmp.Diff(want, judged(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	files, statements := s.Files()
	if files != 4 || statements != 8 {
		t.Errorf("got %d files, %d statements", files, statements)
	}
}

// TestSources gives each finding the line on which it begins.
func TestSources(t *testing.T) {
	s, err := Read(t.Context(), Request{Paths: []string{"-"}, Stdin: strings.NewReader("SELECT 1;\r\n\tALTER TABLE a ADD y int DEFAULT random();\r\n")})
	if err != nil {
		t.Fatal(err)
	}
	found := s.Judge(lint.Options{})
	i := slices.IndexFunc(found, func(f Found) bool { return f.Code == "CO01" })
	if i < 0 {
		t.Fatalf("got %v", found)
	}
	if f := found[i]; f.Source != "\tALTER TABLE a ADD y int DEFAULT random();" || f.Column != 2 || f.Path != "<stdin>" {
		t.Errorf("got %q at %d of %s", f.Source, f.Column, f.Path)
	}
}

// TestAudit lists what destroys rows and what has no way back, but not what a file made itself.
func TestAudit(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "1_a.sql", "-- +goose Up\nCREATE TABLE t (x int); DROP TABLE t; CREATE TABLE \"A b\" (x int);\n-- +goose Down\nDROP TABLE \"A b\";\n")
	write(t, dir, "2_b.sql", "-- +goose Up\nALTER TABLE \"A b\" DROP COLUMN x, ADD y int;\nTRUNCATE a, b CASCADE;\nDELETE FROM c WHERE x = 1;\nDELETE FROM d;\n")
	write(t, dir, "3_c.sql", "-- +goose Up\nDROP SCHEMA s CASCADE;\nDROP VIEW v;\nDROP VIEW w CASCADE;\nDROP INDEX i;\nDROP SEQUENCE q;\n-- +goose Down\nSELECT 1;\n")
	write(t, dir, "4_d.sql", "no marker\n")
	s, err := Read(t.Context(), Request{Paths: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	a := s.Audit()
	var got []string
	for _, d := range a.Destructive {
		got = append(got, fmt.Sprintf("%s:%d %s", filepath.Base(d.Path), d.Line, d.What))
	}
	for _, f := range a.Forward {
		got = append(got, filepath.Base(f.Path)+" "+f.Reason)
	}
	want := []string{
		`2_b.sql:2 drops the column "A b".x`,
		"2_b.sql:3 empties the table a and what depends on it",
		"2_b.sql:3 empties the table b and what depends on it",
		"2_b.sql:4 deletes rows of c",
		"2_b.sql:5 deletes all rows of d",
		"3_c.sql:2 drops the schema s and what depends on it",
		"3_c.sql:4 drops the view w and what depends on it",
		"3_c.sql:6 drops the sequence q",
		"2_b.sql it has none",
		"4_d.sql cannot be read",
	}
	if diff := cmp.Diff(want, got); diff != "" || a.Migrations != 4 {
		t.Errorf("%d migrations (-want +got):\n%s", a.Migrations, diff)
	}
}
