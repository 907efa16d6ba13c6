package hclfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestFilesAreOneBody loads a tree in which each file needs another, and in which some files are no schema.
func TestFilesAreOneBody(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"a/users.hcl":       "table \"users\" {\n  schema = schema[local.name]\n  column \"m\" {\n    type = enum.mood\n  }\n}\n",
		"b/deep/types.hcl":  "enum \"mood\" {\n  schema = schema.app\n  values = var.values\n}\n",
		"variables.hcl":     "variable \"values\" {\n  default = [\"a\"]\n}\nlocals {\n  name = \"app\"\n}\n",
		"z.hcl.json":        `{"schema": {"app": {}}}`,
		"pleat.hcl":         "env \"dev\" {\n}\n",
		".hidden/x.hcl":     "nonsense {\n}\n",
		"notes.txt":         "not HCL",
		"a/.#users.hcl.swp": "not HCL",
	})
	d, diags := Load([]string{dir, filepath.Join(dir, "variables.hcl")}, eval.Options{})
	if len(diags) > 0 {
		t.Fatal(listDiagnostics(diags))
	}
	if d.Catalog.Len() != 3 || len(d.Files) != 4 {
		t.Errorf("%v from %d files", d.Catalog.IDs(), len(d.Files))
	}
}

func TestDuplicateNamesBothPlaces(t *testing.T) {
	text := "table \"users\" {\n  schema = schema.app\n}\n"
	dir := writeFiles(t, map[string]string{"1.hcl": "schema \"app\" {\n}\n\n" + text, "2.hcl": text})
	_, diags := Load([]string{dir}, eval.Options{})
	if len(diags) != 1 || diags[0].Subject.Filename != filepath.Join(dir, "2.hcl") || !strings.Contains(diags[0].Detail, "1.hcl:4,") {
		t.Errorf("%s", listDiagnostics(diags))
	}
}

func TestUnreadablePaths(t *testing.T) {
	empty := t.TempDir()
	_, diags := Load([]string{empty, filepath.Join(empty, "nowhere")}, eval.Options{})
	if len(diags) != 2 || !strings.Contains(diags.Error()+diags[1].Detail, "no such file") {
		t.Errorf("%s", listDiagnostics(diags))
	}
}

func TestSensitiveTextIsInNoDiagnostic(t *testing.T) {
	dir := writeFiles(t, map[string]string{"x.hcl": `
variable "pw" {
  sensitive = true
}
schema "app" {
  comment = var.pw
}
table "t" {
  schema = schema[var.pw]
  column "a" {
    type    = var.pw
    default = upper(var.pw)
  }
  check "c" {
    expr = parseint(var.pw, 10)
  }
}
`})
	d, diags := Load([]string{dir}, eval.Options{Vars: []string{"pw=hunter2secret"}})
	if !diags.HasErrors() {
		t.Fatal("a sensitive value is accepted")
	}
	if text := listDiagnostics(diags); strings.Contains(strings.ToLower(text), "hunter2") {
		t.Error(text)
	}
	for _, diag := range diags {
		if diag.EvalContext != nil {
			t.Errorf("%s carries the values", diag.Summary)
		}
	}
	if got := d.Mask("it is hunter2secret"); strings.Contains(got, "hunter2") {
		t.Error(got)
	}
}
