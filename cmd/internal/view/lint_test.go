package view

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/cmd/internal/review"
	"github.com/pleatdb/pleat/planner/lint"
	"github.com/pleatdb/pleat/schema"
)

// hostile is a finding whose every part tries to break out of a format.
func hostile() review.Found {
	return review.Found{
		Finding: lint.Finding{
			Code: "ZZ01", Title: "100% bad: a, b", Severity: lint.Error, Line: 3, Column: 2, SQL: "CREATE INDEX i\n  ON \"a::b\" (x)",
			Object: schema.ID{Kind: schema.KindTable, Schema: "public", Name: "a\"::b\n"}, Why: "first\nsecond \x1b[31m%0A ::error::", Safe: "use\r\nthis",
			Cost: "about 4 min",
		},
		Path: "dir, with: odd%/ü.sql", Source: "\tCREATE INDEX i", EndLine: 4, EndColumn: 16,
	}
}

func allowed() review.Found {
	f := hostile()
	f.SQL, f.Path, f.Severity, f.Allowed = "DROP TABLE x", "b.sql", lint.Note, &lint.Allow{Reason: "nobody\nuses it"}
	return f
}

func unreadable() review.Found {
	return review.Found{Finding: lint.Finding{Code: "PA02", Title: "is UTF-16", Severity: lint.Error, Why: "why", Safe: "save it as UTF-8"}, Path: "c.sql"}
}

func rendered(d *Lint) string {
	p := &page{}
	d.text(p)
	return p.b.String()
}

func TestLintForGitHub(t *testing.T) {
	d := NewLint(&review.Set{}, []review.Found{hostile(), allowed(), unreadable()}, "error", LintForm{Format: "github"})
	want := "::error file=dir%2C with%3A odd%25/ü.sql,line=3,col=2,endLine=4,endColumn=16,title=ZZ01 100%25 bad%3A a%2C b::" +
		"first%0Asecond \\x1b[31m%250A ::error::%0ASafe: use\\x0d%0Athis%0ACost: about 4 min%0A(estimated from rules)\n" +
		"::error file=c.sql,title=PA02 is UTF-16::why%0ASafe: save it as UTF-8\n" +
		"2 errors in 0 migrations (0 statements), 1 allowed; estimated for the newest PostgreSQL that is known.\n"
	if diff := cmp.Diff(want, rendered(d)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLintAsSARIF checks what code scanning needs: rules that results point to, regions, levels, fingerprints that do not
// depend on lines, and suppressions.
func TestLintAsSARIF(t *testing.T) {
	moved := hostile()
	moved.Line, moved.EndLine = 30, 31
	text := rendered(NewLint(&review.Set{}, []review.Found{hostile(), allowed(), unreadable(), hostile()}, "error", LintForm{Format: "sarif", Version: "1.2.3"}))
	if strings.ContainsAny(text, "\x1b\r") {
		t.Error("control characters reach the output")
	}
	var log sarifLog
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if log.Version != "2.1.0" || run.Tool.Driver.Version != "1.2.3" || len(run.Tool.Driver.Rules) != 2 || len(run.Results) != 4 {
		t.Fatalf("got %s", text)
	}
	for _, r := range run.Results {
		rule := run.Tool.Driver.Rules[r.RuleIndex]
		if rule.ID != r.RuleID || rule.Help.Text == "" || rule.Help.Markdown == "" || rule.Short.Text == "" || r.Message.Text == "" {
			t.Errorf("result %v has the rule %v", r, rule)
		}
	}
	first, second, third, fourth := run.Results[0], run.Results[1], run.Results[2], run.Results[3]
	place := first.Locations[0].Physical
	if place.Artifact.URI != "dir,%20with:%20odd%25/%C3%BC.sql" && place.Artifact.URI != "./dir,%20with:%20odd%25/%C3%BC.sql" {
		t.Errorf("got URI %q", place.Artifact.URI)
	}
	region := *place.Region
	region.Snippet = nil
	if diff := cmp.Diff(sarifRegion{StartLine: 3, StartColumn: 2, EndLine: 4, EndColumn: 16}, region); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]sarifSuppression{{"inSource", "accepted", "nobody\nuses it"}}, second.Suppressions); diff != "" || first.Suppressions != nil {
		t.Error(diff)
	}
	if second.Level != "note" || third.Locations[0].Physical.Region != nil {
		t.Errorf("got level %s, region %v", second.Level, third.Locations[0].Physical.Region)
	}
	a, b := first.Fingerprints["primaryLocationLineHash"], fourth.Fingerprints["primaryLocationLineHash"]
	if hash, _, _ := strings.Cut(a, ":"); a == b || !strings.HasPrefix(b, hash) {
		t.Errorf("equal findings have the fingerprints %s and %s", a, b)
	}
	if c := NewLint(&review.Set{}, []review.Found{moved}, "error", LintForm{}).Findings[0].Fingerprint; c != a {
		t.Errorf("a finding that moved has another fingerprint: %s, %s", a, c)
	}
}

// TestLintPaths counts paths from the root of the repository, whatever the working directory.
func TestLintPaths(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "sub", "m"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(root, "sub"))
	d := &Lint{form: LintForm{Root: root}}
	for path, want := range map[string]string{"m/a.sql": "sub/m/a.sql", "../b.sql": "b.sql", "/elsewhere/c.sql": "/elsewhere/c.sql"} {
		if got := d.uri(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestLintAsText(t *testing.T) {
	d := NewLint(&review.Set{}, []review.Found{hostile(), allowed(), unreadable()}, "error", LintForm{})
	want := `Error ZZ01: 100% bad: a, b
  dir, with: odd%/ü.sql:3:2
  3 | 	CREATE INDEX i
    | 	^^^^^^^^^^^^^^
  Why:  first
        second \x1b[31m%0A ::error::
  Safe: use\x0d
        this
  Cost: about 4 min
  estimated from rules

Error PA02: is UTF-16
  c.sql
  Why:  why
  Safe: save it as UTF-8

allowed ZZ01 b.sql:3: nobody\nuses it

2 errors in 0 migrations (0 statements), 1 allowed; estimated for the newest PostgreSQL that is known.
`
	if diff := cmp.Diff(want, rendered(d)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLintFails compares what was found with what counts.
func TestLintFails(t *testing.T) {
	severity := func(s lint.Severity) review.Found {
		f := hostile()
		f.Severity = s
		return f
	}
	for _, tc := range []struct {
		found  review.Found
		failOn string
		ok     bool
	}{
		{severity(lint.Error), "error", false}, {severity(lint.Error), "none", true}, {severity(lint.Warning), "error", true},
		{severity(lint.Warning), "warning", false}, {severity(lint.Note), "warning", true}, {severity(lint.Note), "note", false},
		{allowed(), "note", true},
	} {
		if d := NewLint(&review.Set{}, []review.Found{tc.found}, tc.failOn, LintForm{}); d.OK != tc.ok {
			t.Errorf("%s with --fail-on %s: got %t", tc.found.Severity, tc.failOn, d.OK)
		}
	}
}
