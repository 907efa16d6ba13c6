package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func loadText(t *testing.T, text string) *Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pleat.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, diags := Load(path, Options{Getenv: noEnv})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return c
}

func TestTelling(t *testing.T) {
	c := loadText(t, `
notify "team" {
  url      = "https://hooks.slack.com/services/T0000/B0000/abcdefghijkl"
  type     = "slack"
  attempts = 2
}
hook "warm" {
  when    = "after_apply"
  command = ["./warm", "a b"]
  env     = { LEVEL = "2" }
}
metrics { file = "pleat.prom" }
env "prod" {
  notify "team" {
    events  = ["run.failed"]
    timeout = "2s"
  }
  notify "bus" {
    url    = "http://localhost:8080/in"
    secret = "sesame-open"
  }
  hook "first" {
    when        = "before_apply"
    command     = ["/bin/true"]
    on_error    = "warn"
    credentials = true
  }
  tracing {
    endpoint = "http://collector:4318"
    headers  = { "api-key" = "header-value-1" }
  }
  log { format = "json" }
}`)
	list, diags := c.Notify("prod", []string{"run.failed"})
	if diags.HasErrors() || len(list) != 2 {
		t.Fatal(list, diags)
	}
	if n := list[0]; n.Name != "team" || n.Form != Slack || n.Attempts != 2 || n.Timeout != 2*time.Second || !cmp.Equal(n.Events, []string{"run.failed"}) {
		t.Errorf("the environment's notify block does not stand over the file's: %+v", n)
	}
	if n := list[1]; n.Form != CloudEvents || n.Key.Reveal() != "sesame-open" {
		t.Errorf("got %+v", n)
	}
	hooks, diags := c.Hooks("prod")
	if diags.HasErrors() || len(hooks) != 2 {
		t.Fatal(hooks, diags)
	}
	if h := hooks[0]; h.Name != "warm" || h.Fatal || h.Environment["LEVEL"] != "2" || h.Command[1] != "a b" {
		t.Errorf("got %+v", h)
	}
	if h := hooks[1]; h.Name != "first" || h.Fatal || !h.Credentials {
		t.Errorf("got %+v", h)
	}
	metrics, _ := c.Metrics("prod")
	tracing, _ := c.Tracing("prod")
	said, _ := c.Log("prod")
	if filepath.Base(metrics.File) != "pleat.prom" || tracing.Headers["api-key"] != "header-value-1" || said.Format != "json" {
		t.Errorf("got %+v, %+v, %+v", metrics, tracing, said)
	}
	secrets := strings.Join(c.Secrets(), "\n")
	for _, secret := range []string{"sesame-open", "https://hooks.slack.com/services/T0000/B0000/abcdefghijkl", "abcdefghijkl", "header-value-1"} {
		if !strings.Contains(secrets, secret) {
			t.Errorf("%s is not among the secrets", secret)
		}
	}
	if list, _ := c.Notify("", []string{"run.failed"}); len(list) != 1 {
		t.Errorf("without an environment there are %d notify blocks, want that of the file", len(list))
	}
}

func TestTellingErrors(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"event":    {`notify "x" {` + "\n url = \"https://x\"\n events = [\"run.faild\"]\n}", "Did you mean"},
		"url":      {`notify "x" {}`, `needs the argument "url"`},
		"plain":    {`notify "x" {` + "\n url = \"http://example.org/\"\n}", "without encryption"},
		"scheme":   {`notify "x" {` + "\n url = \"ftp://example.org/\"\n}", "https://"},
		"slackkey": {`notify "x" {` + "\n url = \"https://x/\"\n type = \"slack\"\n secret = \"s\"\n}", "checks no signature"},
		"when":     {`hook "x" {` + "\n when = \"before\"\n command = [\"x\"]\n}", "must be one of"},
		"command":  {`hook "x" {` + "\n when = \"after_apply\"\n command = []\n}", "is empty"},
		"timeout":  {`hook "x" {` + "\n when = \"after_apply\"\n command = [\"x\"]\n timeout = \"0s\"\n}", "more than nothing"},
		"format":   {`log {` + "\n format = \"xml\"\n}", "must be one of"},
	} {
		t.Run(name, func(t *testing.T) {
			c := loadText(t, tc.text)
			_, diags := c.Notify("", []string{"run.failed"})
			_, hooks := c.Hooks("")
			_, said := c.Log("")
			diags = append(append(diags, hooks...), said...)
			var all []string
			for _, d := range diags {
				all = append(all, d.Detail)
			}
			if text := strings.Join(all, "\n"); !strings.Contains(text, tc.want) {
				t.Errorf("got %q, want %q", text, tc.want)
			}
		})
	}
}
