package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/cmd/internal/fleet"
)

func loadFleet(t *testing.T, text string) (*Config, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pleat.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, diags := Load(path, Options{Getenv: func(string) string { return "" }})
	_, more := c.Environment("all")
	_, targets := c.Targets("all")
	_, rollout := c.Rollout("all")
	return c, append(append(append(diags, more...), targets...), rollout...).Error()
}

func TestTargetsAreReadAsData(t *testing.T) {
	c, wrong := loadFleet(t, `env "all" {
  targets {
    list     = ["acme", "postgres://u:pw@h/b", { name = "c", database = "x" }]
    database = "app_${target.name}"
  }
}`)
	if wrong != "no diagnostics" {
		t.Fatal(wrong)
	}
	targets, _ := c.Targets("all")
	want := []fleet.Row{{Name: "acme"}, {URL: "postgres://u:pw@h/b"}, {Name: "c", Database: "x"}}
	if diff := cmp.Diff(want, targets.List); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{"acme", `${env("HOME")}`, `" + 1`, "%{ if true }x%{ endif }", "a\nb"} {
		row := fleet.Row{Name: name}
		if err := targets.Place(&row); err != nil || row.Database != "app_"+name {
			t.Errorf("%q is placed in %q, %v", name, row.Database, err)
		}
	}
	if !strings.Contains(strings.Join(c.Secrets(), " "), "postgres://u:pw@h/b") {
		t.Error("a connection string of the list is not hidden")
	}
}

func TestTargetsThatCannotBeRead(t *testing.T) {
	for _, tc := range []struct{ text, fault string }{
		{"targets {\n  list = []\n}\nenv \"all\" {}", "belongs into an environment"},
		{"env \"all\" {\n  targets {\n  }\n}", "from one of list, file and query"},
		{"env \"all\" {\n  targets {\n    list = []\n    file = \"x.txt\"\n  }\n}", "from one of list, file and query"},
		{"env \"all\" {\n  targets {\n    list = [{ nam = \"x\" }]\n  }\n}", `no "nam"`},
		{"env \"all\" {\n  targets {\n    list = [3]\n  }\n}", "A target is a name"},
		{"env \"all\" {\n  targets {\n    lisst = []\n  }\n}", "lisst"},
		{"env \"all\" {\n  rollout {\n    canary = \"0\"\n  }\n}", "a number of targets (from 1)"},
		{"env \"all\" {\n  rollout {\n    canary = [\"[\"]\n  }\n}", "cannot be read"},
		{"env \"all\" {\n  rollout {\n    max_failures = \"101%\"\n  }\n}", "percentage"},
		{"env \"all\" {\n  rollout {\n    parallel = 0\n  }\n}", "whole number from 1"},
		{"env \"all\" {\n  rollout {\n    on_error = \"ignore\"\n  }\n}", "stop, continue"},
	} {
		if _, wrong := loadFleet(t, tc.text); !strings.Contains(wrong, tc.fault) {
			t.Errorf("%s\ngives %s", tc.text, wrong)
		}
	}
}

func TestRolloutOfEnvironmentStandsAboveTheFile(t *testing.T) {
	c, wrong := loadFleet(t, "rollout {\n  parallel = 2\n  canary = 3\n}\nenv \"all\" {\n  rollout {\n    canary = \"5%\"\n    max_failures = 0\n    on_error = \"continue\"\n  }\n}")
	if wrong != "no diagnostics" {
		t.Fatal(wrong)
	}
	got, _ := c.Rollout("all")
	want := fleet.Rollout{Parallel: 2, Canary: fleet.Canary{Share: fleet.Share{Percent: 5}}, MaxFailures: &fleet.Share{}, Continue: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
