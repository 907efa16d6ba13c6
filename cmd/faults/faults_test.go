package main

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// TestMain removes the program that the tests have built.
func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(built.dir)
	os.Exit(code)
}

// built is pleat as this checkout has it.
var built struct {
	once sync.Once
	dir  string
	err  error
}

func testProgram(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "pleat-faults-test-"); built.err != nil {
			return
		}
		var out []byte
		cmd := exec.Command("go", "build", "-o", filepath.Join(built.dir, "pleat"), "github.com/pleatdb/pleat/cmd/pleat")
		if out, built.err = cmd.CombinedOutput(); built.err != nil {
			os.Stderr.Write(out)
		}
	})
	if built.err != nil {
		t.Fatalf("build pleat: %v", built.err)
	}
	return filepath.Join(built.dir, "pleat")
}

// testMajor is the version that tests run on; 0 is any.
func testMajor(t *testing.T) int {
	t.Helper()
	text := os.Getenv("PLEAT_TEST_MAJOR")
	if text == "" {
		return 0
	}
	major, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("PLEAT_TEST_MAJOR: %v", err)
	}
	return major
}

// log writes to a test's log.
type log struct{ t *testing.T }

func (l log) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimRight(string(b), "\n"))
	return len(b), nil
}

// try makes points as the program does.
func try(t *testing.T, o *options, scenarios []*scenario) []*outcome {
	t.Helper()
	if testing.Short() {
		t.Skip("short: each point takes about a second")
	}
	o.program, o.major, o.workers = testProgram(t), testMajor(t), runtime.GOMAXPROCS(0)/2
	all, err := o.try(t.Context(), scenarios, log{t})
	if errors.Is(err, errNoServer) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var everything = regexp.MustCompile("")

// TestFaults is the shortened form: points drawn by a seed over all cases and faults.
func TestFaults(t *testing.T) {
	seed := rand.Uint64N(1 << 32)
	if text := os.Getenv("FAULTS_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("FAULTS_SEED: %v", err)
		}
	}
	t.Logf("again with FAULTS_SEED=%d", seed)
	scenarios, err := loadScenarios("testdata", filepath.Join("..", "load", "testdata"), everything)
	if err != nil {
		t.Fatal(err)
	}
	if len(scenarios) < 30 {
		t.Errorf("%d cases are no mixed set", len(scenarios))
	}
	o := &options{most: 16, quiet: true, choice: choice{seed: seed, share: 1, others: 1, pattern: everything}}
	all := try(t, o, scenarios)
	var b strings.Builder
	report(&b, all, seed)
	t.Log("\n" + b.String())
	for _, out := range all {
		if !out.Survived {
			t.Errorf("FAULTS_SEED=%d: %s", seed, out.line())
		}
	}
	if len(all) != o.most {
		t.Errorf("%d points were tried, not %d", len(all), o.most)
	}
}

// TestHarmIsSeen lets the person who resolves a doubt be wrong, each way, and wants to read what that did.
func TestHarmIsSeen(t *testing.T) {
	scenarios, err := loadScenarios(filepath.Join("testdata", "harm"), "", regexp.MustCompile("^(lost|twice)$"))
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{"lost": "^cut-before$", "twice": "^cut-during$"}
	for _, s := range scenarios {
		o := &options{choice: choice{seed: 1, share: 1, others: 1, pattern: regexp.MustCompile(kinds[s.name])}}
		all := try(t, o, []*scenario{s})
		failed := slices.DeleteFunc(all, func(out *outcome) bool { return out.Survived })
		if len(failed) == 0 {
			t.Errorf("%s: no point failed", s.name)
		}
		for _, out := range failed {
			os.RemoveAll(out.Files)
			if !strings.Contains(strings.Join(out.Wrong, "\n"), "state: missing: rows public.step") {
				t.Errorf("%s: the rows are not named: %v", s.name, out.Wrong)
			}
		}
	}
}

func TestScenarioFiles(t *testing.T) {
	for text, want := range map[string]string{
		"-- case --\nkind: x\n":                                             "no migration",
		"-- case --\n-- 20260101000001_a.sql --\nx\n":                       "kind is missing",
		"-- case --\ncolour: red\n-- 20260101000001_a.sql --\nx\n":          `no "colour"`,
		"-- case --\nkind: x\nmajors: all\n-- 20260101000001_a.sql --\nx\n": "majors",
		"-- case --\nkind: x\n-- nonsense --\n":                             `no file "nonsense"`,
	} {
		if _, err := parseScenario("x", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: want an error with %q, got %v", text, want, err)
		}
	}
}

func TestWrongFlags(t *testing.T) {
	for _, args := range [][]string{{"-seed", "x"}, {"-run", "("}, {"-faults", "("}, {"-run", "no such"}, {"-no-such"}, {"-pleat", "/no/such/pleat", "-run", "t01"}} {
		var stdout, stderr strings.Builder
		if code := run(t.Context(), args, &stdout, &stderr); code != 1 || stderr.Len() == 0 {
			t.Errorf("%v: exit code %d, %q", args, code, stderr.String())
		}
	}
}

// TestPointsOfASeed wants the same points for the same seed, others for another, and each case and fault once before any twice.
func TestPointsOfASeed(t *testing.T) {
	var scenarios []*scenario
	for i := range 40 {
		scenarios = append(scenarios, &scenario{name: "s" + strconv.Itoa(i)})
	}
	drawn := func(seed uint64) map[string]string {
		c := &choice{seed: seed, pattern: everything}
		c.draw(30, scenarios, true)
		out := map[string]string{}
		for name, list := range c.drawn {
			for _, f := range list {
				out[name] += f.name
			}
		}
		return out
	}
	one, again, other := drawn(1), drawn(1), drawn(2)
	kinds := map[string]bool{}
	same := 0
	for name, kind := range one {
		kinds[kind] = true
		if again[name] != kind {
			t.Errorf("%s: %s, then %s", name, kind, again[name])
		}
		if other[name] == kind {
			same++
		}
	}
	if len(one) != 30 || len(kinds) != len(faults) || same == len(one) {
		t.Errorf("%d cases, %d faults of %d, %d as with another seed", len(one), len(kinds), len(faults), same)
	}
}
