package lint_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/planner/lint"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// TestNewSchemasAreNoHazard reads schemas that real projects create from nothing: there is nobody to be in the way of, so none
// of it may be an error.
func TestNewSchemasAreNoHazard(t *testing.T) {
	root := filepath.Join("..", "..", "..", "shared", "corpora")
	if _, err := os.Stat(root); err != nil {
		t.Skipf("no corpora beside the repository: %v", err)
	}
	files, statements, unknown := 0, 0, 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".sql" || strings.Contains(filepath.Base(path), "down") {
			return err
		}
		// The large ones have more of the same.
		if info, err := d.Info(); err != nil || info.Size() > 60<<10 || strings.Contains(path, "pairs") && d.Name() != "new.sql" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		parts, err := sqltext.Split(string(text))
		if err != nil {
			return nil // what only psql can run is refused before the linter
		}
		u := lint.Unit{}
		fresh := true
		for _, p := range parts {
			f := sqltext.Facts(p.SQL)
			statements++
			if !f.Known {
				unknown++
			}
			fresh = fresh && f.Command != sqltext.DropDatabase && f.Command != sqltext.Transaction
			u.Statements = append(u.Statements, lint.Statement{SQL: p.SQL, Line: p.Line, Column: 1})
		}
		files++
		for _, f := range lint.Check([]lint.File{{Path: path, Managed: true, Up: []lint.Unit{u}}}, lint.Options{}) {
			if fresh && f.Severity == lint.Error {
				t.Errorf("%s:%d: %s %s\n%s", f.File, f.Line, f.Code, f.Why, f.SQL)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files, %d statements, %d not known to the grammar", files, statements, unknown)
}
