package eval

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

func parse(t *testing.T, name, src string) hcl.Body {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(src), name, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return file.Body
}

func resolve(t *testing.T, opts Options, src string) (*Scope, *hcl.EvalContext, hcl.Diagnostics) {
	t.Helper()
	s := NewScope(opts)
	_, diags := s.Add(parse(t, "test.hcl", src))
	ctx, more := s.Resolve()
	return s, ctx, append(diags, more...)
}

// value evaluates one expression in ctx.
func value(t *testing.T, ctx *hcl.EvalContext, src string) cty.Value {
	t.Helper()
	expr, diags := hclsyntax.ParseExpression([]byte(src), "expr", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	v, diags := expr.Value(ctx)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return v
}

var expectation = regexp.MustCompile(`# ERROR: (.*)$`)

// TestErrors compares, for each file, the lines of the diagnostics with the comments on those lines.
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
			want := map[int]string{}
			for i, line := range strings.Split(string(src), "\n") {
				if m := expectation.FindStringSubmatch(line); m != nil {
					want[i+1] = m[1]
				}
			}
			_, _, diags := resolve(t, Options{Dir: t.TempDir()}, string(src))
			got := map[int]string{}
			for _, d := range diags {
				got[d.Subject.Start.Line] = d.Summary
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("line -> summary (-want +got):\n%s\n%s", diff, diags)
			}
		})
	}
}

func TestPrecedenceAndTypes(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one.vars"), filepath.Join(dir, "two.vars.json")
	write(t, one, "b = \"file1\"\nc = \"file1\"\nlist = [\"x\", \"y\"]\n")
	write(t, two, `{"c": "file2", "d": "file2"}`)
	env := map[string]string{"PLEAT_VAR_a": "env", "PLEAT_VAR_b": "env", "PLEAT_VAR_n": "42", "PLEAT_VAR_obj": `{ k = "v" }`}
	_, ctx, diags := resolve(t, Options{
		Getenv: func(k string) string { return env[k] }, Files: []string{one, two}, Vars: []string{"d=first", "d=last=1"},
	}, `
variable "a" {}
variable "b" { type = string }
variable "c" { type = string }
variable "d" { type = string }
variable "n" { type = int }
variable "list" { type = list(string) }
variable "obj" { type = map(string) }
variable "dflt" { default = null }
variable "nonnull" {
  default  = "kept"
  nullable = false
}
`)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	got := value(t, ctx, `"${var.a} ${var.b} ${var.c} ${var.d} ${var.n + 1} ${join("-", var.list)} ${var.obj.k} ${var.nonnull}"`)
	if got.AsString() != "env file1 file2 last=1 43 x-y v kept" {
		t.Errorf("got %q", got.AsString())
	}
	if !value(t, ctx, "var.dflt").IsNull() {
		t.Error("dflt is not null")
	}
}

func TestLocalsInAnyOrderAndOverFiles(t *testing.T) {
	s := NewScope(Options{})
	for _, src := range []string{"locals {\n c = \"${local.b}c\"\n}\n", "locals {\n b = \"${local.a}b\"\n a = \"a\"\n}\nother \"x\" {}\n"} {
		rest, diags := s.Add(parse(t, "f.hcl", src))
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if _, err := rest.Content(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "other", LabelNames: []string{"n"}}}}); err.HasErrors() {
			t.Errorf("rest: %s", err)
		}
	}
	ctx, diags := s.Resolve()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if got := value(t, ctx, "local.c").AsString(); got != "abc" {
		t.Errorf("got %q", got)
	}
}

func TestInputErrors(t *testing.T) {
	tests := map[string]struct {
		opts Options
		want string // part of the one diagnostic
	}{
		"undeclared":  {Options{Vars: []string{"tenent=a"}}, `Did you mean "tenant"?`},
		"no equals":   {Options{Vars: []string{"s3cret"}}, "--var name=value"},
		"wrong type":  {Options{Vars: []string{"size=big"}}, "does not fit the type of variable \"size\", number"},
		"no file":     {Options{Files: []string{"/nowhere/x.vars"}}, "Cannot read /nowhere/x.vars: no such file"},
		"elsewhere":   {Options{Vars: []string{"other=1"}, DeclaredElsewhere: []string{"other"}}, ""},
		"not an expr": {Options{Vars: []string{"list=[}"}}, "is not an HCL expression of type list(string)"},
		"validation":  {Options{Vars: []string{"tenant=B"}}, "lower case please"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, diags := resolve(t, tt.opts, `
variable "tenant" {
  default = "a"
  validation {
    condition     = lower(var.tenant) == var.tenant
    error_message = "lower case please"
  }
}
variable "size" {
  type    = number
  default = 1
}
variable "list" {
  type    = list(string)
  default = []
}
`)
			if tt.want == "" {
				if len(diags) != 0 {
					t.Fatal(diags)
				}
				return
			}
			if len(diags) != 1 || !strings.Contains(diags[0].Detail, tt.want) {
				t.Errorf("want one diagnostic with %q, got %v", tt.want, diags)
			}
			if strings.Contains(diags.Error(), "s3cret") {
				t.Error("the argument is repeated")
			}
		})
	}
}

func TestUndeclaredKept(t *testing.T) {
	s, _, diags := resolve(t, Options{Vars: []string{"x=1", "y=2"}, Undeclared: KeepUndeclared}, `variable "y" {}`)
	if diags.HasErrors() || !cmp.Equal(s.Undeclared(), []string{"x"}) {
		t.Errorf("%v %v", s.Undeclared(), diags)
	}
}

func TestSensitive(t *testing.T) {
	src := `
variable "pw" { sensitive = true }
variable "n" {
  type      = number
  sensitive = true
  default   = 1
}
locals {
  derived = upper(var.pw)
  plain   = "plain"
  broken  = parseint(var.pw, 10)
}`
	s, ctx, diags := resolve(t, Options{Vars: []string{"pw=p@ss/w%rd#1"}}, src)
	if !diags.HasErrors() {
		t.Fatal("parseint of a password succeeded")
	}
	if strings.Contains(diags.Error(), "p@ss") {
		t.Errorf("diagnostics show the value: %s", diags)
	}
	if diff := cmp.Diff([]string{"P@SS/W%RD#1", "p@ss/w%rd#1"}, s.Secrets()); diff != "" {
		t.Error(diff)
	}
	if value(t, ctx, "var.pw").IsMarked() {
		t.Error("marked without KeepMarks")
	}
	_, ctx, _ = resolve(t, Options{Vars: []string{"pw=abc"}, KeepMarks: true}, src)
	if _, sensitive := Unmark(value(t, ctx, `"x${local.derived}"`)); !sensitive {
		t.Error("a value computed from a sensitive one is not sensitive")
	}
	_, _, diags = resolve(t, Options{Vars: []string{"pw=x", "n=s3cret"}}, src)
	if strings.Contains(diags.Error(), "s3cret") {
		t.Errorf("diagnostics show the value: %s", diags)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
