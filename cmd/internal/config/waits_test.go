package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWaits(t *testing.T) {
	path := project(t, map[string]string{"pleat.hcl": `
lock_budget     = "30min"
cancel_blockers = ["autovacuum"]
env "dev" { cancel_blockers = ["autovacuum", "idle:1m"] }
env "bad" { lock_budget = "0s" }
`})
	c := load(t, path, Options{Getenv: noEnv})
	e, diags := c.Environment("dev")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if diff := cmp.Diff(Waits{LockBudget: 30 * time.Minute, CancelBlockers: []string{"autovacuum", "idle:1m"}}, e.Waits); diff != "" {
		t.Error(diff)
	}
	if _, diags := c.Environment("bad"); !diags.HasErrors() {
		t.Error("a budget of nothing is taken")
	}
}
