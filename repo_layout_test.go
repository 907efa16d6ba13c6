package pleat_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// topLevel is what may lie beside the packages. The fixed directories are the architecture that a newcomer sees.
var topLevel = []string{
	"cmd", "schema", "inspect", "planner", "apply", "history", "examples", "docs",
	"go.mod", "go.sum", "README.md", "LICENSE", "CHANGELOG.md", "Makefile",
	"repo_imports_test.go", "repo_layout_test.go", "repo_limits_test.go", "repo_docs_test.go",
}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || slices.Contains(topLevel, name) || ignored(name) {
			continue
		}
		t.Errorf("%s is not of the fixed top level: %s", name, strings.Join(topLevel, ", "))
	}
}

// ignored are the names of .gitignore that lie at the top.
func ignored(name string) bool {
	return name == "bin" || name == "dist" || strings.HasSuffix(name, ".test") || strings.HasSuffix(name, ".prof")
}

// vague names say nothing of what a package is for, and so collect everything.
var vague = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "base", "lib", "types", "pkg"}

func TestPackages(t *testing.T) {
	all, err := packages()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	for path, p := range all {
		if slices.Contains(vague, filepath.Base(path)) {
			t.Errorf("%s has a name that says nothing", path)
		}
		if len(p.GoFiles)+len(p.CgoFiles) == 0 {
			continue // tests alone
		}
		if !slices.Contains(p.GoFiles, "doc.go") {
			t.Errorf("%s has no doc.go: what it owns, what it may import, its entry point", path)
			continue
		}
		text, err := os.ReadFile(filepath.Join(p.Dir, "doc.go"))
		if err != nil {
			t.Fatal(err)
		}
		want := "// Package " + p.Name + " "
		if p.Name == "main" {
			want = "// Command " + filepath.Base(path) + " "
		}
		if !strings.HasPrefix(string(text), want) && !strings.Contains(string(text), "\n"+want) {
			t.Errorf("the comment of %s does not begin with %q", path, strings.TrimPrefix(want, "// "))
		}
	}
}

// rooms are the packages that each have one file for a kind of object, under the same name.
var rooms = []string{"schema", "schema/hclfile", "inspect", "planner"}

// roomless says which kinds a room does without, and why.
var roomless = map[string]map[string]string{
	"comment": {"schema/hclfile": "a comment is an attribute of what it is about"},
	"grant":   {"schema/hclfile": "owners and privileges have no words in the language yet"},
	"composite": {
		"inspect": "a composite type is a relation like a table (pg_class), and the same query reads both",
	},
	"rule": {"schema/hclfile": "rewrite rules have no words in the language yet"},
	"unmanaged": {
		"schema/hclfile": "what pleat cannot model has no words in the language",
		"planner":        "what pleat cannot model is never planned, only protected",
	},
}

// TestKindsHaveTheSameFileName finds the kinds by the method that makes a type of package schema an object.
func TestKindsHaveTheSameFileName(t *testing.T) {
	files, err := filepath.Glob("schema/*.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") || !strings.Contains(string(text), ") object()") {
			continue
		}
		kinds++
		name := filepath.Base(file)
		for _, room := range rooms {
			if roomless[strings.TrimSuffix(name, ".go")][room] != "" {
				continue
			}
			if _, err := os.Stat(filepath.Join(room, name)); err != nil {
				t.Errorf("%s has no %s, which the kinds of %s have in every room", room, name, file)
			}
		}
	}
	if kinds < 15 {
		t.Errorf("found %d files of kinds in schema: are objects still marked by a method object()?", kinds)
	}
}
