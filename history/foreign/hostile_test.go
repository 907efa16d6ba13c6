package foreign_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/history/foreign"
	"github.com/pleatdb/pleat/history/migration"
)

// TestHostile reads what no tool would write: it is reported at its place, and nothing else suffers.
func TestHostile(t *testing.T) {
	for name, tc := range map[string]struct {
		text    string
		problem string // part of the first problem's text; empty for none
		line    int
	}{
		"zero byte":          {"SELECT 1;\nSELECT '\x00';", "binary", 2},
		"utf-16":             {"\xff\xfeS\x00E\x00", "UTF-16", 0},
		"latin-1":            {"SELECT 1;\n-- caf\xe9\n", "not UTF-8", 2},
		"no final newline":   {"SELECT 1", "", 0},
		"only a byte mark":   {"\ufeff", "", 0},
		"lone carriage":      {"SELECT 1;\rSELECT 2;", "", 0},
		"torn dollar quote":  {"SELECT 1;\n\nDO $x$ BEGIN", "unterminated", 3},
		"torn comment":       {"/* SELECT 1;", "unterminated", 1},
		"only a command":     {`\`, "command of psql", 1},
		"copy without end":   {"COPY a FROM STDIN;\n1\n2\n", "COPY FROM STDIN", 1},
		"marker in a string": {"-- +goose Up\nSELECT '\n-- +goose Down\n';", "unterminated", 2},
		"control":            {"SELECT '\x1b[31m';", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			d := foreign.ReadText("stdin", []byte(tc.text))
			problems := append(d.Files[0].Up.Problems, d.Files[0].Down.Problems...)
			switch {
			case tc.problem == "" && len(problems) > 0:
				t.Errorf("got %v", problems)
			case tc.problem != "" && len(problems) == 0:
				t.Error("nothing was found")
			case tc.problem != "" && (!strings.Contains(problems[0].Summary, tc.problem) || problems[0].Line != tc.line):
				t.Errorf("got %v at %d", problems[0], problems[0].Line)
			}
		})
	}
}

// TestLarge reads files of megabytes whose every line needs attention; quadratic work would take minutes.
func TestLarge(t *testing.T) {
	for name, text := range map[string]string{
		"commands of psql": strings.Repeat("\\echo x\n", 200_000),
		"one line":         strings.Repeat("SELECT 1; ", 20_000),
		"copies":           strings.Repeat("COPY a FROM STDIN;\n1\n\\.\n", 50_000),
		"allows":           strings.Repeat("-- pleat: allow KX10 x\n\n", 50_000) + "SELECT 1;",
		"placeholders":     "-- +goose ENVSUB ON\n-- +goose Up\n" + strings.Repeat("SELECT ${A};\n", 5_000),
	} {
		t.Run(name, func(t *testing.T) {
			if d := foreign.ReadText("stdin", []byte(text)); len(d.Files) != 1 {
				t.Errorf("got %d files", len(d.Files))
			}
		})
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "1.sql")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(migration.MaxSize + 1); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := foreign.Read(dir, foreign.Options{})
	if err != nil || len(d.Files[0].Up.Problems) != 1 || !strings.Contains(d.Files[0].Up.Problems[0].Summary, "32 MB") {
		t.Errorf("got %v, %v", d, err)
	}
}

// TestUnreadable reads a directory with what is no file: it is named, and the rest is read.
func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "1.sql", "SELECT 1;")
	if err := os.Mkdir(filepath.Join(dir, "2.sql"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "gone"), filepath.Join(dir, "3.sql")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/", filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	d, err := foreign.Read(dir, foreign.Options{})
	if err != nil || len(d.Files) != 1 || len(d.Skipped) != 1 || !strings.HasSuffix(d.Skipped[0].Path, "3.sql") {
		t.Errorf("got %v, %v", d, err)
	}
}

func FuzzReadText(f *testing.F) {
	for _, text := range []string{
		"-- +goose Up\nSELECT 1;\n-- +goose Down\n", "-- migrate:up transaction:false\nSELECT 1", "-- atlas:delimiter \"x\"\nax", "\\i x\n",
		"-- pleat: up\n-- pleat: step 1\nSELECT 1;\n", "COPY a FROM STDIN;\n\\.\n", "${a}", "---- create above / drop below ----", "BEGIN; ROLLBACK TO x; END",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := foreign.ReadText("stdin", []byte(text))
		for _, file := range d.Files {
			lines := strings.Count(file.Up.Text, "\n") + 1
			for _, s := range append(file.Up.Statements(), file.Down.Statements()...) {
				if s.Line < 1 || s.Line > lines || s.Column < 1 {
					t.Errorf("a statement at %d:%d of %d lines", s.Line, s.Column, lines)
				}
			}
		}
	})
}
