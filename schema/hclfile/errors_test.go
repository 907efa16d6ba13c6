package hclfile

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

var expectation = regexp.MustCompile(`# ERROR: (.*)$`)

// TestErrors compares, for each file, the lines of the diagnostics with the comments on those lines. Several summaries on
// one line are separated by " | ".
func TestErrors(t *testing.T) {
	files, _ := filepath.Glob("testdata/errors/*.hcl")
	if len(files) < 60 {
		t.Errorf("only %d files", len(files))
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want := map[int][]string{}
			for i, line := range strings.Split(string(src), "\n") {
				if m := expectation.FindStringSubmatch(line); m != nil {
					want[i+1] = strings.Split(m[1], " | ")
				}
			}
			if len(want) == 0 {
				t.Error("the file expects no error")
			}
			_, diags := Load([]string{path}, eval.Options{})
			got := map[int][]string{}
			for _, d := range diags {
				checkDiagnostic(t, d)
				got[d.Subject.Start.Line] = append(got[d.Subject.Start.Line], d.Summary)
			}
			for line := range got {
				slices.Sort(got[line])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("line -> summaries (-want +got):\n%s\n%s", diff, listDiagnostics(diags))
			}
		})
	}
}

func checkDiagnostic(t *testing.T, d *hcl.Diagnostic) {
	t.Helper()
	if d.Subject == nil || d.Subject.Filename == "" || d.Detail == "" || d.Summary == "" {
		t.Fatalf("a diagnostic without place or text: %+v", d)
	}
}

func listDiagnostics(diags hcl.Diagnostics) string {
	var b strings.Builder
	for _, d := range diags {
		b.WriteString(d.Error() + "\n")
	}
	return b.String()
}
