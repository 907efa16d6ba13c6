package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLegacyIsRelativeToTheFileAndAnEnvironmentMaySayItsOwn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pleat.hcl")
	text := `
legacy {
  tool = "goose"
  dir  = "db/migrations"
}
env "prod" {
  legacy {
    dir       = "../old"
    converted = true
  }
}
`
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	c, diags := Load(path, Options{Getenv: func(string) string { return "" }})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for name, want := range map[string]*Legacy{
		"":     {"goose", filepath.Join(filepath.Dir(path), "db/migrations"), false},
		"prod": {"goose", filepath.Join(filepath.Dir(path), "../old"), true},
	} {
		got, diags := c.Legacy(name)
		if diags.HasErrors() || cmp.Diff(want, got) != "" {
			t.Errorf("%q: %+v %v, want %+v", name, got, diags, want)
		}
	}
}

func TestLegacyRefusesWhatNobodyKnows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pleat.hcl")
	if err := os.WriteFile(path, []byte("legacy {\n  path = \"x\"\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, diags := Load(path, Options{Getenv: func(string) string { return "" }})
	if !diags.HasErrors() || !strings.Contains(diags.Error(), "path") {
		t.Errorf("%v", diags)
	}
}
