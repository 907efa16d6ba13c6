package eval

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

func TestFunctions(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "body.sql"), "\nSELECT 1;\n\n")
	ctx := &hcl.EvalContext{Functions: ProjectFunctions(dir, func(k string) string { return "<" + k + ">" })}
	tests := map[string]string{
		`env("X")`:                                 "<X>",
		`getenv("X")`:                              "<X>",
		`file("body.sql")`:                         "SELECT 1;",
		`upper("ab")`:                              "AB",
		`join(",", concat(["a"], ["b"]))`:          "a,b",
		`coalesce(null, "x")`:                      "x",
		`format("%03d", 7)`:                        "007",
		`length("größe")`:                          "5",
		`length([1, 2])`:                           "2",
		`length({ a = 1 })`:                        "1",
		`startswith("abc", "ab")`:                  "true",
		`endswith("abc", "ab")`:                    "false",
		`base64decode(base64encode("x"))`:          "x",
		`substr(sha256(""), 0, 8)`:                 "e3b0c442",
		`urlescape("p@ss/w%rd#1 x")`:               "p%40ss%2Fw%25rd%231%20x",
		`urluserinfo("postgres://h/d", "u", "@")`:  "postgres://u:%40@h/d",
		`urluserinfo("postgres://a:b@h", "u", "")`: "postgres://u:@h",
		`urlqueryset("postgres://h/d?a=1", "sslmode", "require")`: "postgres://h/d?a=1&sslmode=require",
		`try(nosuch.x, "fallback")`:                               "fallback",
		`replace("a-b", "-", "_")`:                                "a_b",
	}
	for src, want := range tests {
		got, err := convert.Convert(value(t, ctx, src), cty.String)
		if err != nil || got.AsString() != want {
			t.Errorf("%s = %#v, want %q", src, got, want)
		}
	}
}

// TestFileStaysInside: a schema file can read neither outside its project nor the environment.
func TestFileStaysInside(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret")
	write(t, outside, "canary")
	dir := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	rel, err := filepath.Rel(dir, outside)
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range []string{`file("` + outside + `")`, `file("` + rel + `")`, `file("link")`, `env("HOME")`} {
		expr, diags := hclsyntax.ParseExpression([]byte(src), "expr", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		v, diags := expr.Value(&hcl.EvalContext{Functions: Functions(dir)})
		if !diags.HasErrors() || strings.Contains(v.GoString(), "canary") {
			t.Errorf("%s was read: %#v", src, v)
		}
	}
	if got := value(t, &hcl.EvalContext{Functions: ProjectFunctions(dir, os.Getenv)}, `file("`+outside+`")`); got.AsString() != "canary" {
		t.Errorf("the project file cannot read an absolute path: %#v", got)
	}
}
