package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const canary = `p@ss/w%rd#1`

func noEnv(string) string { return "" }

func getenv(pairs ...string) func(string) string {
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return values[name] }
}

// project writes files into a directory and returns the path of its pleat.hcl.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "pleat.hcl")
}

func load(t *testing.T, path string, opts Options) *Config {
	t.Helper()
	c, diags := Load(path, opts)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return c
}

func environment(t *testing.T, c *Config, name string) *Environment {
	t.Helper()
	e, diags := c.Environment(name)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return e
}

var expectation = regexp.MustCompile(`# ERROR: (.*)$`)

// TestErrors compares, for each file, the lines of the diagnostics with the comments on those lines. All environments
// and the defaults are evaluated.
func TestErrors(t *testing.T) {
	files, _ := filepath.Glob("testdata/errors/*.hcl")
	if len(files) == 0 {
		t.Fatal("no error files")
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want, got := map[int]string{}, map[int]string{}
			for i, line := range strings.Split(string(src), "\n") {
				if m := expectation.FindStringSubmatch(line); m != nil {
					want[i+1] = m[1]
				}
			}
			c, diags := Load(path, Options{Getenv: noEnv})
			for _, name := range append(c.Names(), "") {
				_, more := c.Environment(name)
				_, lint := c.Lint(name)
				diags = append(append(diags, more...), lint...)
			}
			for _, d := range diags {
				got[d.Subject.Start.Line] = d.Summary
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("line -> summary (-want +got):\n%s\n%s", diff, diags)
			}
		})
	}
}

func TestEnvironmentInherits(t *testing.T) {
	path := project(t, map[string]string{"url.txt": "postgres://u@file/d\n", "pleat.auto.vars": "owner = \"auto\"\nlabel = \"auto\"\n",
		"more.vars": "label = \"file\"\n", "pleat.hcl": `
variable "owner" { type = string }
variable "label" { type = string }
variable "n" {
  type    = number
  default = 1
}
locals {
  name = "app_${var.owner}"
}
schema       = "schema"
migrations   = "/abs/migrations"
contract     = "gated"
lock_timeout = "2min"
ignore       = ["*.tmp_*"]
env "prod" {
  url   = file("url.txt")
  role  = local.name
  scope = concat(["app"], ["audit"])
  release = "${var.label}-${var.n}"
}
env "dev" {
  url          = env("DEV_URL")
  contract     = "immediate"
  lock_timeout = "500ms"
  grace        = "500ms"
  shadow       = "docker"
  ignore       = []
}
`})
	dir := filepath.Dir(path)
	c := load(t, path, Options{Getenv: getenv("DEV_URL", "postgres://u@dev/d", "PLEAT_VAR_n", "7"), VarFiles: []string{filepath.Join(dir, "more.vars")}})
	minutes, half := 2*time.Minute, 500*time.Millisecond
	tests := map[string]struct {
		want        Environment
		url, shadow string
	}{
		"": {Environment{Schema: filepath.Join(dir, "schema"), Migrations: "/abs/migrations", Contract: Gated, LockTimeout: &minutes,
			Ignore: []string{"*.tmp_*"}}, "", ""},
		"prod": {Environment{Name: "prod", Schema: filepath.Join(dir, "schema"), Migrations: "/abs/migrations", Contract: Gated,
			LockTimeout: &minutes, Ignore: []string{"*.tmp_*"}, Role: "app_auto", Scope: []string{"app", "audit"}, Release: "file-7"},
			"postgres://u@file/d", ""},
		"dev": {Environment{Name: "dev", Schema: filepath.Join(dir, "schema"), Migrations: "/abs/migrations", Contract: Immediate,
			Grace: &half, LockTimeout: &half}, "postgres://u@dev/d", "docker"},
	}
	for name, tt := range tests {
		got := environment(t, c, name)
		url, shadow := got.URL.Reveal(), got.Shadow.Reveal()
		got.URL, got.Shadow = tt.want.URL, tt.want.Shadow
		if diff := cmp.Diff(fmt.Sprintf("%+v", deref(tt.want)), fmt.Sprintf("%+v", deref(*got))); diff != "" {
			t.Errorf("%q:\n%s", name, diff)
		}
		if url != tt.url || shadow != tt.shadow {
			t.Errorf("%q: url %q, shadow %q", name, url, shadow)
		}
	}
	if diff := cmp.Diff([]string{"dev", "prod"}, c.Names()); diff != "" {
		t.Error(diff)
	}
}

// deref replaces the pointer, which prints as an address, by what it points to.
func deref(e Environment) any {
	if e.LockTimeout == nil {
		return e
	}
	timeout := *e.LockTimeout
	e.LockTimeout = nil
	return []any{e, timeout}
}

func TestAbsentFile(t *testing.T) {
	t.Chdir(t.TempDir())
	c := load(t, "", Options{Getenv: noEnv})
	if e := environment(t, c, ""); c.Path != "" || e.Schema != "" || !e.URL.Empty() {
		t.Errorf("an absent file says something: %+v", e)
	}
	if _, diags := c.Environment("dev"); !strings.Contains(diags.Error(), "there is no project file") {
		t.Errorf("got %v", diags)
	}
	if _, diags := Load("other.hcl", Options{Getenv: noEnv}); !strings.Contains(diags.Error(), "Cannot read other.hcl: no such file") {
		t.Errorf("a file that was named and is absent: %v", diags)
	}
	if err := os.WriteFile("pleat.hcl", []byte("schema = \"s\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if e := environment(t, load(t, "", Options{Getenv: noEnv}), ""); e.Schema != "s" {
		t.Errorf("pleat.hcl was not found: %+v", e)
	}
}

func TestUnknownEnvironment(t *testing.T) {
	c := load(t, project(t, map[string]string{"pleat.hcl": "env \"production\" {}\nenv \"dev\" {}\n"}), Options{Getenv: noEnv})
	if _, diags := c.Environment("prodution"); !strings.Contains(diags.Error(), `Did you mean "production"? It defines dev, production.`) {
		t.Errorf("got %v", diags)
	}
}

// TestOtherEnvironmentsAreNotEvaluated: dev works where production's secret file is absent.
func TestOtherEnvironmentsAreNotEvaluated(t *testing.T) {
	c := load(t, project(t, map[string]string{"pleat.hcl": `
env "prod" { url = file("/nowhere/secret") }
env "dev" { url = "postgres:///d" }
`}), Options{Getenv: noEnv})
	environment(t, c, "dev")
	if _, diags := c.Environment("prod"); !diags.HasErrors() {
		t.Error("an absent secret file is no error")
	}
}

func TestSecretsReachNoOutput(t *testing.T) {
	path := project(t, map[string]string{"pleat.hcl": `
variable "password" {
  sensitive = true
}
env "prod" {
  url  = urluserinfo("postgres://h/d", "u", var.password)
  role = upper(var.password)
}
env "broken" {
  url          = tonumber(var.password)
  lock_timeout = var.password
  contract     = var.password
  scope        = var.password
  role         = parseint(var.password, 10)
}
`})
	c := load(t, path, Options{Getenv: noEnv, Vars: []string{"password=" + canary}})
	e := environment(t, c, "prod")
	const url = "postgres://u:p%40ss%2Fw%25rd%231@h/d"
	if e.URL.Reveal() != url {
		t.Errorf("url %s", e.URL.Reveal())
	}
	e.Role = ""
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		if text := fmt.Sprintf(verb, e); strings.Contains(text, "ss/w") || strings.Contains(text, "p%40") {
			t.Errorf("%s shows the password: %s", verb, text)
		}
	}
	if diff := cmp.Diff([]string{url, "P@SS/W%RD#1", canary}, c.Secrets()); diff != "" {
		t.Error(diff)
	}
	_, diags := c.Environment("broken")
	if len(diags) != 5 {
		t.Errorf("want 5 diagnostics, got %v", diags)
	}
	for _, d := range diags {
		if strings.Contains(d.Error()+d.Detail, "p@ss") || d.EvalContext != nil {
			t.Errorf("a diagnostic shows the password: %s", d)
		}
	}
}

func TestUndeclaredVariables(t *testing.T) {
	c := load(t, project(t, map[string]string{"pleat.hcl": "variable \"tenant\" { default = 1 }\n"}),
		Options{Getenv: noEnv, Vars: []string{"tennant=1", "tenant=2"}})
	if diags := c.RefuseUndeclared(); len(diags) != 1 || !strings.Contains(diags[0].Detail, `Did you mean "tenant"?`) {
		t.Errorf("got %v", diags)
	}
	inputs := c.SchemaInputs("schema")
	if diff := cmp.Diff([]string{"tenant"}, inputs.DeclaredElsewhere); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"tennant=1", "tenant=2"}, inputs.Vars); diff != "" {
		t.Error(diff)
	}
}

func TestExplanations(t *testing.T) {
	_, diags := Load(project(t, map[string]string{"pleat.hcl": "env \"a\" {\n  src = \"x\"\n  migratons = \"y\"\n  policy {}\n}\n"}), Options{Getenv: noEnv})
	want := []string{`Write schema = "path".`, `"policy" is planned for the project file but not built yet`, `Did you mean "migrations"?`}
	if len(diags) != len(want) {
		t.Fatalf("got %v", diags)
	}
	for i, d := range diags {
		if !strings.Contains(d.Detail, want[i]) {
			t.Errorf("got %q, want %q", d.Detail, want[i])
		}
	}
}

func TestJSON(t *testing.T) {
	path := filepath.Join(filepath.Dir(project(t, map[string]string{"p.hcl.json": `{"schema": "s", "env": {"dev": {"role": "r"}}}`})), "p.hcl.json")
	c := load(t, path, Options{Getenv: noEnv})
	if e := environment(t, c, "dev"); e.Role != "r" || e.Schema != filepath.Join(filepath.Dir(path), "s") {
		t.Errorf("got %+v", e)
	}
}
