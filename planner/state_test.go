package planner_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/planner/testcase"
	"github.com/pleatdb/pleat/schema/hclfile"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

// desired loads one state of a case.
func desired(t testing.TB, c *testcase.Case, name string) *hclfile.Desired {
	t.Helper()
	text, ok := c.File(name)
	if !ok {
		t.Fatalf("the case has no %s", name)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out, diags := hclfile.Load([]string{path}, eval.Options{})
	if diags.HasErrors() {
		t.Fatal(strings.ReplaceAll(diags.Error(), path, name))
	}
	testcase.Attach(out.Catalog)
	return out
}
