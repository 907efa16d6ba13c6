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
	pair := corpus(t, map[string]string{"upgrades/x/v1.sql": oldState, "upgrades/x/v2.sql": newState})
	schema := corpus(t, map[string]string{"schemas/x/schema.sql": newState, "schemas/x/roles.sql": "CREATE ROLE reader;"})
	tests := []struct {
		mode string
		want class
		what string
	}{
		{"right", passed, ""},
		{"spoil ALTER TABLE public.t ALTER c SET DEFAULT 2", silentlyWrong, "after apply: the dump differs"},
		{"spoil GRANT INSERT ON public.t TO reader", onlyACL, "after apply: the dump differs"},
		{"spoil CREATE TABLE public.pleat_left ()", silentlyWrong, "after apply: the dump differs"},
		{"lazy in apply", silentlyWrong, "after apply: the dump differs"},
		{"unmanaged", leftAlone, "after apply: the dump differs"},
		{"refuse in plan", refused, "plan: refused"},
		{"refuse in apply", failed, "apply: error"},
		{"refuse in inspect", refused, "list unmanaged: refused"},
		{"error in apply", failed, "apply: error"},
		{"error in plan", failed, "plan: error"},
		{"error in rollback", failed, "rollback: error"},
		{"lazy in rollback", failed, "after rollback: the dump differs"},
		{"bad rollback", failed, "after rollback: the dump differs"},
		{"differs in again", failed, "second plan: differences are found where there are none"},
		{"panic in plan", failed, "plan: panic"},
		{"hang in plan", failed, "plan: no answer in time"},
	}
	for name, dir := range map[string]string{"pair": pair, "schema": schema} {
		for _, test := range tests {
			if name == "schema" && !slices.Contains([]string{"right", "refuse in apply", "lazy in rollback", "unmanaged"}, test.mode) {
				continue
			}
			t.Run(name+"/"+test.mode, func(t *testing.T) {
				limit := "1m"
				if strings.HasPrefix(test.mode, "hang") {
					limit = "2s"
				}
				code, r, text := runFake(t, test.mode, dir, "-limit", limit)
				if len(r.Outcomes) != 1 || r.Outcomes[0].Class != test.want {
					t.Fatalf("want %s: %s", test.want, text)
				}
				if test.what != "" && !slices.ContainsFunc(r.Outcomes[0].Findings, func(f finding) bool { return f.What == test.what }) {
					t.Errorf("no finding says %q: %s", test.what, text)
				}
				if bad := test.want == failed || test.want == silentlyWrong; (code == 1) != bad {
					t.Errorf("exit code %d for %s", code, test.want)
				}
			})
		}
	}
}

func TestImportMustLeaveAnEmptyPlan(t *testing.T) {
	dir := corpus(t, map[string]string{"schemas/x/schema.sql": newState})
	_, r, text := runFake(t, "differs in again", dir)
	if r.Outcomes[0].Class != failed || r.Outcomes[0].Findings[0].What != "plan after import: differences are found where there are none" {
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
