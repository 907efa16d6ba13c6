package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pleatdb/pleat/inspect/pgtest"
)

// TestMain stops the server and removes the program that the tests have built.
func TestMain(m *testing.M) {
	pgtest.Main(m)
	os.RemoveAll(built.dir)
}

// built is the lab of all tests, with pleat as this checkout has it.
var built struct {
	once sync.Once
	lab  lab
	dir  string
	err  error
}

func testLab(t *testing.T) *lab {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "pleat-load-test-"); built.err != nil {
			return
		}
		built.lab.server, built.lab.program = pgtest.Server(t), filepath.Join(built.dir, "pleat")
		var out []byte
		cmd := exec.Command("go", "build", "-o", built.lab.program, "github.com/pleatdb/pleat/cmd/pleat")
		if out, built.err = cmd.CombinedOutput(); built.err != nil {
			os.Stderr.Write(out)
		}
	})
	if built.err != nil {
		t.Fatalf("build pleat: %v", built.err)
	}
	return &built.lab
}

// short is the form for tests: small tables, and clients that hardly pause.
var short = form{rows: 20_000, clients: 2, hold: 300 * time.Millisecond, pace: 3 * time.Millisecond, limit: 3 * time.Minute}

// journeyOf runs one scenario on the test server.
func journeyOf(t *testing.T, s *scenario, f form) *outcome {
	t.Helper()
	dir := t.TempDir()
	out := testLab(t).travel(t.Context(), s, f, dir)
	if t.Failed() || !out.passed() {
		keepCommands(t, dir)
	}
	return out
}

// keepCommands prints the files that were planned, which is what a failure is about.
func keepCommands(t *testing.T, dir string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "migrations", "*_change*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s:\n%s", filepath.Base(path), text)
	}
}

// backToo are the recipes whose way back is tried here too; make load tries it for all.
var backToo = map[string]bool{"r04_rename_column": true, "r05_rename_table": true, "r06_drop_column": true}

// TestRecipes asserts that nothing fails and every row is right; times are for make load, and so are columns on which
// everything depends, whose plans take longest.
func TestRecipes(t *testing.T) {
	pass(t, "testdata", func(s *scenario, f *form) bool {
		f.there = !backToo[s.name]
		return !strings.Contains(s.name, "_with_")
	})
}

// TestFilesWrittenByHand takes the same way with files that a person wrote.
func TestFilesWrittenByHand(t *testing.T) {
	pass(t, filepath.Join("testdata", "hand"), func(*scenario, *form) bool { return true })
}

// pass runs the scenarios of a directory that choose wants, in the form that it sets, and wants all to pass.
func pass(t *testing.T, dir string, choose func(*scenario, *form) bool) {
	t.Helper()
	if testing.Short() {
		t.Skip("short: each recipe takes some seconds")
	}
	scenarios, err := loadScenarios(dir, regexp.MustCompile(""))
	if err != nil {
		t.Fatal(err)
	}
	major := pgtest.Server(t).Major()
	for _, s := range scenarios {
		f := short
		if !choose(s, &f) {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			if !s.runsOn(major) {
				t.Skipf("the recipe is not for PostgreSQL %d", major)
			}
			t.Parallel()
			out := journeyOf(t, s, f)
			t.Log(out.line())
			for _, text := range out.Wrong {
				t.Error(text)
			}
			for _, f := range out.Failures {
				t.Errorf("%d times in %s, %s code: %s %s: %s", f.Times, f.Phase, f.Code, f.SQLState, f.Message, f.Statement)
			}
		})
	}
}

// TestHarmIsSeen runs files that do what no file should, and wants each harm in the report.
func TestHarmIsSeen(t *testing.T) {
	scenarios, err := loadScenarios(filepath.Join("testdata", "harm"), regexp.MustCompile(""))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			f := short
			f.rows, f.there = 1000, true
			out := journeyOf(t, s, f)
			if out.passed() {
				t.Fatal("the journey passed")
			}
			want := regexp.MustCompile(strings.TrimPrefix(s.title, "want "))
			var b strings.Builder
			report(&b, []*outcome{out}, time.Hour)
			if !want.MatchString(b.String()) {
				t.Errorf("want %s in\n%s", want, b.String())
			}
		})
	}
}

// TestWaitsAreSeen holds a lock while clients work, and wants to read who waited for what.
func TestWaitsAreSeen(t *testing.T) {
	s, err := loadScenario(filepath.Join("testdata", "harm", "lock_held.txtar"), "lock_held")
	if err != nil {
		t.Fatal(err)
	}
	f := short
	f.rows, f.there = 1000, true
	out := journeyOf(t, s, f)
	i := slices.IndexFunc(out.Phases, func(p phaseReport) bool { return p.Phase == "expand" })
	if i < 0 {
		t.Fatalf("no phase expand: %+v", out)
	}
	if p := out.Phases[i]; p.LockWait == 0 || !strings.Contains(p.Behind, "pg_sleep") || !strings.Contains(p.Behind, "orders") {
		t.Errorf("nobody waited: %+v", p)
	}
}

func TestScripts(t *testing.T) {
	for _, test := range []struct{ text, wrong string }{
		{"-- read 2 simple row int(1,9)\nSELECT $1, $2;\n", ""},
		{"SELECT 1;\n", "no line says how"},
		{"-- read often simple\nSELECT 1;\n", "it must be read|write"},
		{"-- write 1 unprepared\nSELECT 1;\n", "it must be read|write"},
		{"-- write 1 simple int(9,1)\nSELECT 1;\n", "it must be like int(1,9)"},
		{"-- write 1 simple date\nSELECT 1;\n", "there is no argument"},
	} {
		list, err := parseStatements(test.text)
		switch {
		case test.wrong == "" && (err != nil || len(list) != 1 || list[0].sql != "SELECT $1, $2" || len(list[0].args) != 2):
			t.Errorf("%q: %v %+v", test.text, err, list)
		case test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong)):
			t.Errorf("%q: want an error with %q, got %v", test.text, test.wrong, err)
		}
	}
}

func TestScenarioFiles(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		"-- scenario --\n":                   "old.hcl is missing",
		"-- old.hcl --\nx\n-- nonsense --\n": `no file "nonsense"`,
		"-- scenario --\ncolour: red\n-- old.hcl --\nx\n-- new.hcl --\nx\n-- truth.sql --\nx\n": `no "colour"`,
		"-- scenario --\nback: far\n-- old.hcl --\nx\n-- new.hcl --\nx\n-- truth.sql --\nx\n":   `cannot be "far"`,
	} {
		path := filepath.Join(dir, "x.txtar")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := loadScenario(path, "x"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: want an error with %q, got %v", text, want, err)
		}
	}
}

func TestWrongFlags(t *testing.T) {
	for _, args := range [][]string{{"-majors", "x"}, {"-run", "("}, {"-run", "no such"}, {"-no-such"}, {"-pleat", "/no/such/pleat", "-majors", "15"}} {
		var stdout, stderr strings.Builder
		if code := run(context.Background(), args, &stdout, &stderr); code != 1 || stderr.Len() == 0 {
			t.Errorf("%v: exit code %d, %q", args, code, stderr.String())
		}
	}
}
