package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBackfill(t *testing.T) {
	path := project(t, map[string]string{"pleat.hcl": `
backfill {
  size            = 2000
  max_size        = 10000
  target          = "250ms"
  pause           = "10ms"
  max_lag         = "2s"
  max_lag_mb      = 64
  ignore_replicas = ["delayed"]
  max_active      = 20
  yield_to_vacuum = true
  query           = "SELECT busy FROM ops.load"
}
env "dev" {
  backfill {
    max_lag    = "off"
    max_lag_mb = "off"
    size       = 50000
  }
}`})
	c := load(t, path, Options{Getenv: noEnv})
	want := Backfill{
		Size: 2000, MaxSize: 10000, Target: 250 * time.Millisecond, Pause: 10 * time.Millisecond, MaxLag: 2 * time.Second, MaxLagBytes: 64 << 20,
		IgnoreReplicas: []string{"delayed"}, MaxActive: 20, YieldToVacuum: true, Query: "SELECT busy FROM ops.load",
	}
	b, diags := c.Backfill("")
	if diff := cmp.Diff(&want, b); diff != "" || diags.HasErrors() {
		t.Error(diff, diags)
	}
	want.MaxLag, want.MaxLagBytes, want.Size = -1, -1, 50000
	b, diags = c.Backfill("dev")
	if diff := cmp.Diff(&want, b); diff != "" || diags.HasErrors() {
		t.Error(diff, diags)
	}
	none := load(t, project(t, map[string]string{"pleat.hcl": ""}), Options{Getenv: noEnv})
	if b, diags := none.Backfill(""); diags.HasErrors() || b.Size != 0 || b.MaxLag != 0 || b.MaxLagBytes != 0 {
		t.Errorf("%+v %v", b, diags)
	}
}

func TestWrongBackfill(t *testing.T) {
	for _, text := range []string{`size = 0`, `size = 1.5`, `size = -1`, `max_size = 1e300`, `target = "0s"`, `pause = "soon"`, "min_size = 10\nmax_size = 5", `yield_to_vacuum = "maybe"`,
		`max_lag = "never"`, `max_lag_mb = "x"`, `ignore_replicas = [""]`} {
		c := load(t, project(t, map[string]string{"pleat.hcl": "backfill {\n" + text + "\n}"}), Options{Getenv: noEnv})
		if _, diags := c.Backfill(""); !diags.HasErrors() {
			t.Errorf("%s is taken", text)
		}
	}
	for _, text := range []string{"backfill { sizes = 1 }", "backfill {}\nbackfill {}", "backfill \"x\" {}"} {
		if _, diags := Load(project(t, map[string]string{"pleat.hcl": text}), Options{Getenv: noEnv}); !diags.HasErrors() {
			t.Errorf("%s is taken", text)
		}
	}
}
