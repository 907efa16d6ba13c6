package lint_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/planner/lint"
)

var update = flag.Bool("update", false, "rewrite docs/lint.md from the registry")

const page = "../../docs/lint.md"

// TestDocs holds the published catalogue to the registry.
func TestDocs(t *testing.T) {
	want := catalogue()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), want); diff != "" {
		t.Errorf("%s is not what the registry says; go test -run TestDocs -update ./planner/lint rewrites it (-page +registry):\n%s", page, diff)
	}
}

const intro = `# What the linter looks for

<!-- Written by go test -run TestDocs -update ./planner/lint from the registry of package planner/lint. -->

Each finding has a code that never changes. Words in braces stand for your own names. *Error*: stops the application for
a time that grows with the data, fails, or breaks code that runs. *Warning*: destroys something, or can stop the application for a
moment under bad luck. *Note*: worth knowing. Codes with a size mark are notes for tables below 10 MB, where the sizes are known.
What a file creates itself is no hazard in it, and a scan, rewrite or build that was measured and did not happen is not reported.

A finding is accepted with a directive that gives the reason:

` + "```sql\n-- pleat: allow CO18 nothing has read it since release 41\nALTER TABLE orders DROP COLUMN note;\n```\n"

func catalogue() string {
	var b strings.Builder
	b.WriteString(intro)
	for _, g := range lint.Groups() {
		fmt.Fprintf(&b, "\n## %s\n", g.Title)
		for _, r := range g.Rules {
			marks := string(r.Severity)
			if r.Sized {
				marks += " · by size"
			}
			if r.Holds != "" {
				marks += " · PostgreSQL " + r.Holds
			}
			fmt.Fprintf(&b, "\n### %s: %s\n\n*%s*\n\n%s\n\nSafe: %s\n", r.Code, r.Title, marks, escape(r.Why), escape(r.Safe))
		}
	}
	return b.String()
}

// escape keeps placeholders and stars of a text from being read as Markdown, and puts a text that is only a
// placeholder into words.
func escape(text string) string {
	switch text {
	case "{what}":
		return "The finding says what it met."
	case "{fix}":
		return "The finding says how."
	}
	return strings.NewReplacer("*", `\*`, "<", `\<`, "_", `\_`).Replace(text)
}

func TestRegistry(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range lint.Rules() {
		if seen[r.Code] {
			t.Errorf("%s is there twice", r.Code)
		}
		seen[r.Code] = true
		if r.Title == "" || r.Why == "" || r.Safe == "" || r.Severity == "" {
			t.Errorf("%s is not whole", r.Code)
		}
	}
	for prefix, n := range map[string]int{"LK": 18, "CO": 28, "KX": 18, "TB": 14} {
		for i := 1; i <= n; i++ {
			if code := fmt.Sprintf("%s%02d", prefix, i); !seen[code] {
				t.Errorf("%s is missing", code)
			}
		}
	}
	if _, ok := lint.Lookup("XX99"); ok {
		t.Error("a code that is not there was found")
	}
}
