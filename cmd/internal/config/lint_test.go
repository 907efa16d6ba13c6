package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pleatdb/pleat/planner"
)

// TestLint reads the block of an environment over that of the file: by attribute, and the names by kind.
func TestLint(t *testing.T) {
	path := project(t, map[string]string{"pleat.hcl": `
variable "limit" {
  type    = string
  default = "5s"
}
lint {
  fail_on          = "warning"
  require_fk_index = true
  max_lock         = "share row exclusive mode"
  max_lock_time    = var.limit
  severity         = { KX10 = "error", CO26 = "off" }
  naming "index" {
    match   = "_idx$"
    message = "ends in _idx"
  }
  naming "table" { match = "^[a-z_]+$" }
}
env "prod" {
  lint {
    additive_only = true
    fail_on       = "note"
    max_lock      = "SHARE_UPDATE_EXCLUSIVE"
    forbid        = ["TB03"]
    severity      = { KX10 = "note" }
    naming "index" { match = "^ix_" }
  }
}
env "dev" {}
`})
	c := load(t, path, Options{Getenv: noEnv})
	five := 5 * time.Second
	for name, want := range map[string]Lint{
		"": {FailOn: "warning", RequireForeignKeyIndex: true, MaxLock: planner.ShareRowExclusive, MaxLockTime: &five,
			Severity: map[string]string{"KX10": "error", "CO26": "off"},
			Naming:   []Naming{{Kind: "index", Message: "ends in _idx"}, {Kind: "table"}}},
		"prod": {FailOn: "note", AdditiveOnly: true, RequireForeignKeyIndex: true, MaxLock: planner.ShareUpdateExclusive, MaxLockTime: &five,
			Forbid: []string{"TB03"}, Severity: map[string]string{"KX10": "note"}, Naming: []Naming{{Kind: "index"}, {Kind: "table"}}},
	} {
		got, diags := c.Lint(name)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if diff := cmp.Diff(&want, got, cmpopts.IgnoreFields(Naming{}, "Match")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
	}
	prod, _ := c.Lint("prod")
	dev, _ := c.Lint("dev")
	if a, b := prod.Naming[0].Match.String(), dev.Naming[0].Match.String(); a != "^ix_" || b != "_idx$" {
		t.Errorf("got patterns %q and %q", a, b)
	}
}

// TestNoLint is a file without the block, and no file.
func TestNoLint(t *testing.T) {
	c := load(t, project(t, map[string]string{"pleat.hcl": `schema = "s"`}), Options{Getenv: noEnv})
	got, diags := c.Lint("")
	if diff := cmp.Diff(&Lint{}, got); diff != "" || diags.HasErrors() {
		t.Errorf("%s %v", diff, diags)
	}
}
