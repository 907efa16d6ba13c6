package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/inspect/pgtest"
)

// corpus writes scripts by path into a directory and returns it.
func corpus(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// runFake runs the program over a corpus with a fake pleat and returns its exit code, report and text.
func runFake(t *testing.T, mode, dir string, args ...string) (int, report, string) {
	t.Helper()
	pgtest.Server(t)
	t.Setenv("CORPORA_FAKE", mode)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "report.json")
	var stdout, stderr strings.Builder
	code := run(context.Background(), append([]string{"-dir", dir, "-pleat", program, "-j", "1", "-json", file}, args...), &stdout, &stderr)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("no report: %v\n%s", err, stderr.String())
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return code, r, stdout.String()
}

const (
	oldState = "CREATE TABLE t (a int, b text); CREATE VIEW v AS SELECT a FROM t;"
	newState = "CREATE TABLE t (b text, c int DEFAULT 1, a int); CREATE VIEW v AS SELECT a, c FROM t; GRANT SELECT ON t TO reader;"
)

func TestEveryBehaviourHasItsClass(t *testing.T) {
	const different, notEmpty = "after apply: the dump differs", "differences are found where there are none"
	tests := []struct {
		set, mode string
		want      class
		what      string
	}{
		{"upgrades", "right", passed, ""},
		{"upgrades", "spoil ALTER TABLE public.t ALTER c SET DEFAULT 2", silentlyWrong, different},
		{"upgrades", "spoil GRANT INSERT ON public.t TO reader", onlyACL, different},
		{"upgrades", "spoil CREATE SCHEMA left_over", silentlyWrong, different},
		{"upgrades", "lazy in apply", silentlyWrong, different},
		{"upgrades", "unmanaged", leftAlone, different},
		{"upgrades", "refuse in plan", refused, "plan: refused"},
		{"upgrades", "refuse in apply", failed, "apply: error"},
		{"upgrades", "refuse in inspect", refused, "list unmanaged: refused"},
		{"upgrades", "error in apply", failed, "apply: error"},
		{"upgrades", "error in plan", failed, "plan: error"},
		{"upgrades", "error in rollback", failed, "rollback: error"},
		{"upgrades", "lazy in rollback", failed, "after rollback: the dump differs"},
		{"upgrades", "bad rollback", failed, "after rollback: the dump differs"},
		{"upgrades", "differs in again", failed, "second plan: " + notEmpty},
		{"upgrades", "panic in plan", failed, "plan: panic"},
		{"schemas", "right", passed, ""},
		{"schemas", "refuse in import", refused, "import: refused"},
		{"schemas", "differs in again", failed, "plan after import: " + notEmpty},
		{"schemas", "lazy in rollback", failed, "after rollback: the dump differs"},
		{"schemas", "unmanaged", leftAlone, different},
	}
	files := map[string]string{}
	for _, test := range tests {
		home := test.set + "/" + test.mode
		if test.set == "upgrades" {
			files[home+"/v1.sql"], files[home+"/v2.sql"] = oldState, newState
			continue
		}
		files[home+"/schema.sql"], files[home+"/roles.sql"] = newState, "CREATE ROLE reader;"
	}
	code, r, text := runFake(t, "by case", corpus(t, files))
	if code != 1 || len(r.Outcomes) != len(tests) {
		t.Fatalf("exit code %d: %s", code, text)
	}
	for _, test := range tests {
		i := slices.IndexFunc(r.Outcomes, func(o outcome) bool { return o.Set == test.set && o.Case == test.mode })
		o := r.Outcomes[i]
		if o.Class != test.want {
			t.Errorf("%s is %s, want %s: %+v", &o, o.Class, test.want, o.Findings)
		}
		if test.what != "" && !slices.ContainsFunc(o.Findings, func(f finding) bool { return f.What == test.what }) {
			t.Errorf("%s: no finding says %q: %+v", &o, test.what, o.Findings)
		}
	}
}

func TestNoAnswerInTime(t *testing.T) {
	dir := corpus(t, map[string]string{"upgrades/x/v1.sql": oldState, "upgrades/x/v2.sql": newState})
	_, r, text := runFake(t, "hang in plan", dir, "-limit", "5s")
	if r.Outcomes[0].Class != failed || r.Outcomes[0].Findings[0].What != "plan: no answer in time" || !strings.Contains(text, "goroutine") {
		t.Error(text)
	}
}

func TestRowsOfAPair(t *testing.T) {
	dir := corpus(t, map[string]string{
		"pairs/p/x/setup.sql": "CREATE ROLE reader;", "pairs/p/x/old.sql": oldState, "pairs/p/x/new.sql": newState,
		"pairs/p/x/seed.sql": "INSERT INTO t VALUES (1, 'x');",
	})
	code, r, text := runFake(t, "right", dir)
	if code != 1 || len(r.Outcomes) != 2 || r.Outcomes[0].Class != silentlyWrong || r.Outcomes[1].Class != passed {
		t.Fatal(text)
	}
	if r.Outcomes[0].Rows != 1 || !strings.Contains(text, "table public.t had 1 rows and has 0") {
		t.Error(text)
	}
	if code, r, text := runFake(t, "destructive", dir); code != 0 || r.Outcomes[0].Tables != 0 {
		t.Errorf("what the plan said it destroys was watched: %s", text)
	}
}

func TestMaterialThatDoesNotLoad(t *testing.T) {
	dir := corpus(t, map[string]string{"schemas/x/schema.sql": "CREATE EXTENSION no_such_extension;"})
	code, r, text := runFake(t, "right", dir)
	if code != 1 || r.Outcomes[0].Class != notRun || !strings.Contains(text, "no_such_extension") {
		t.Error(text)
	}
}

func TestAbsentCorporaAreSkipped(t *testing.T) {
	var stdout, stderr strings.Builder
	code := run(context.Background(), []string{"-dir", filepath.Join(t.TempDir(), "none")}, &stdout, &stderr)
	if code != 0 || !strings.HasPrefix(stdout.String(), "skipped: ") {
		t.Errorf("exit code %d: %s%s", code, stdout.String(), stderr.String())
	}
}

func TestWrongFlags(t *testing.T) {
	dir := corpus(t, map[string]string{"schemas/x/schema.sql": ""})
	for _, args := range [][]string{{"-set", "none"}, {"-run", "("}, {"-no-such"}, {"-dir", dir, "-run", "nothing"}, {"-dir", dir, "-pleat", "/no/such/pleat"}} {
		var stdout, stderr strings.Builder
		if code := run(context.Background(), args, &stdout, &stderr); code != 1 || stderr.Len() == 0 {
			t.Errorf("%v: exit code %d, %q", args, code, stderr.String())
		}
	}
}
