package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema"
)

// fleetProject is a project in a directory, with an environment "all" of many targets.
type fleetProject struct {
	t   *testing.T
	dir string
	url string // the environment's own database
}

func newFleet(t *testing.T, targets string, files map[string]string) *fleetProject {
	t.Helper()
	f := &fleetProject{t: t, dir: t.TempDir(), url: pgtest.URL(t)}
	files["pleat.hcl"] = fmt.Sprintf("env \"all\" {\n  url = %q\n  contract = \"immediate\"\n  evidence {\n    required = false\n  }\n%s\n}\n", f.url, targets)
	if err := os.Mkdir(filepath.Join(f.dir, "migrations"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(f.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if code, out := f.run("hash"); code != 0 {
		t.Fatalf("hash: %s", out)
	}
	return f
}

func (f *fleetProject) args(args []string) []string {
	command := append([]string{args[0], "--config", filepath.Join(f.dir, "pleat.hcl")}, args[1:]...)
	if args[0] == "hash" {
		return append(command, "--migrations", filepath.Join(f.dir, "migrations"))
	}
	command = append(command, "--env", "all", "--migrations", filepath.Join(f.dir, "migrations"))
	if args[0] == "plan" {
		command = append(command, "--schema", filepath.Join(f.dir, "schema"))
	}
	return command
}

// run runs a command in this process. The output is both streams.
func (f *fleetProject) run(args ...string) (int, string) {
	var out bytes.Buffer
	a, _, _ := testApp(map[string]string{"HOME": os.Getenv("HOME"), "PATH": os.Getenv("PATH")})
	a.streams = view.NewStreams(strings.NewReader(""), &out, &out)
	code := a.main(f.t.Context(), f.args(args))
	return code, out.String()
}

// json runs a command and reads its result.
func (f *fleetProject) json(into any, args ...string) int {
	f.t.Helper()
	var out, errs bytes.Buffer
	a, _, _ := testApp(map[string]string{"HOME": os.Getenv("HOME"), "PATH": os.Getenv("PATH")})
	a.streams = view.NewStreams(strings.NewReader(""), &out, &errs)
	code := a.main(f.t.Context(), append(f.args(args), "--json"))
	if err := json.Unmarshal(out.Bytes(), into); err != nil {
		f.t.Fatalf("%v: %v\n%s%s", args, err, out.String(), errs.String())
	}
	return code
}

// must runs a command that has to end with a code.
func (f *fleetProject) must(want int, args ...string) string {
	f.t.Helper()
	code, out := f.run(args...)
	if code != want {
		f.t.Fatalf("pleat %s: exit code %d, want %d:\n%s", strings.Join(args, " "), code, want, out)
	}
	return out
}

// databases makes databases of these names and gives a list of targets that are them; they are dropped at the end.
func databases(t *testing.T, url string, names []string) {
	t.Helper()
	for _, name := range names {
		pgtest.Exec(t, url, "CREATE DATABASE "+schema.Quote(name))
	}
	t.Cleanup(func() {
		for _, name := range names {
			pgtest.Exec(t, url, "DROP DATABASE "+schema.Quote(name)+" WITH (FORCE)")
		}
	})
}

// beside is the connection string of another database of the same server.
func besideURL(t *testing.T, url, database string) string {
	t.Helper()
	rows, err := query(url, "SELECT current_database()")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(url, "/"+rows[0][0], "/"+database, 1)
}

const slowTable = "-- pleat: up\n-- pleat: step 1\nCREATE TABLE public.things (id bigint PRIMARY KEY);\nSELECT pg_catalog.pg_sleep(0.1);\n" +
	"-- pleat: step 2\nALTER TABLE public.things ADD note text;\n-- pleat: down\n-- pleat: undo 2\nALTER TABLE public.things DROP note;\n" +
	"-- pleat: undo 1\nDROP TABLE public.things;\n"

// TestKilledFleetGoesOn kills a run over thirty databases in the middle. What comes after does the rest, and nothing twice.
func TestKilledFleetGoesOn(t *testing.T) {
	var names []string
	for i := range 30 {
		names = append(names, fmt.Sprintf("pleat_fleet_%d_%02d", os.Getpid(), i))
	}
	f := newFleet(t, "  targets {\n    file = \"t.txt\"\n    database = target.name\n  }\n  rollout {\n    canary = 1\n    parallel = 2\n  }", map[string]string{
		"t.txt": strings.Join(names, "\n"), "migrations/20260101000000_things.sql": slowTable,
	})
	databases(t, f.url, names)
	cmd := exec.Command("pleat", f.args([]string{"apply"})...)
	cmd.Env = append(os.Environ(), "HOME="+os.Getenv("HOME"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ledgers := filepath.Join(f.dir, ".pleat", "fleet", "*.jsonl")
	for lines := 0; lines < 6; time.Sleep(20 * time.Millisecond) {
		found, _ := filepath.Glob(ledgers)
		if len(found) > 0 {
			text, _ := os.ReadFile(found[0])
			lines = bytes.Count(text, []byte("\n"))
		}
		if cmd.ProcessState != nil {
			t.Fatal("it ended before it could be killed")
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	var doc view.Fleet
	if code := f.json(&doc, "apply", "--resume"); code != 0 {
		t.Fatalf("exit code %d: %+v", code, doc)
	}
	if len(doc.Targets) >= 30 || len(doc.Targets) == 0 || doc.All != 30 {
		t.Errorf("%d of %d targets were left", len(doc.Targets), doc.All)
	}
	f.appliedOnce(names)
	f.must(0, "verify")
	if out := f.must(0, "apply", "--resume"); !strings.Contains(out, "nothing was left to do") {
		t.Error(out)
	}
	if out := f.must(0, "apply"); !strings.Contains(out, "30 up to date") {
		t.Error(out)
	}
}

// appliedOnce looks into the log of each database.
func (f *fleetProject) appliedOnce(names []string) {
	f.t.Helper()
	for _, name := range names {
		rows, err := query(besideURL(f.t, f.url, name), "SELECT count(*) FILTER (WHERE kind = 'applied'), count(*) FILTER (WHERE kind = 'step done') FROM pleat.log")
		if err != nil || rows[0][0] != "1" {
			f.t.Errorf("%s: applied %v times, %v", name, rows, err)
		}
	}
}

// TestTwoFleetsAtOnce starts two runs, and two shards, over the same databases with hostile names.
func TestTwoFleetsAtOnce(t *testing.T) {
	names := []string{`a"b`, "line\nbreak", "$1", "x' OR '1'='1", "ÄÖ", "${target.name}", "%s", "../../x"}
	for i := range names {
		names[i] += fmt.Sprint(os.Getpid())
	}
	text, err := json.Marshal(names)
	if err != nil {
		t.Fatal(err)
	}
	f := newFleet(t, "  targets {\n    file = \"t.json\"\n    database = target.name\n  }\n  rollout {\n    canary = 2\n    parallel = 3\n  }", map[string]string{
		"t.json": string(text), "migrations/20260101000000_things.sql": slowTable,
	})
	databases(t, f.url, names)
	var wait sync.WaitGroup
	for _, args := range [][]string{{"apply"}, {"apply", "--shard", "0/2"}, {"apply", "--shard", "1/2"}} {
		wait.Go(func() {
			if code, out := f.run(args...); code != 0 {
				t.Errorf("%v: exit code %d\n%s", args, code, out)
			}
		})
	}
	wait.Wait()
	for _, name := range names {
		pgtest.Exec(t, f.databaseURL(name), `DO $$BEGIN ASSERT (SELECT count(*) FROM pleat.log WHERE kind = 'applied') = 1; END$$`)
	}
}

// databaseURL is the connection string of a database whatever its name.
func (f *fleetProject) databaseURL(name string) string {
	escaped := strings.NewReplacer("%", "%25", "/", "%2F", "\n", "%0A", `"`, "%22", " ", "%20", "'", "%27", "?", "%3F", "#", "%23", "$", "%24", "{", "%7B", "}", "%7D").Replace(name)
	return besideURL(f.t, f.url, escaped)
}

// TestOneDeadHost has a target whose server does not answer, and one that drifted.
func TestOneDeadHost(t *testing.T) {
	names := []string{fmt.Sprintf("pleat_dead_%d_a", os.Getpid()), fmt.Sprintf("pleat_dead_%d_b", os.Getpid()), fmt.Sprintf("pleat_dead_%d_c", os.Getpid())}
	list := fmt.Sprintf(`[{ database = %q }, { database = %q }, { database = %q }, { name = "dead", url = "postgres://u:hunter2secret@127.0.0.1:1/x?connect_timeout=2" }]`, names[0], names[1], names[2])
	f := newFleet(t, "  targets {\n    list = "+list+"\n  }\n  rollout {\n    on_error = \"continue\"\n  }", map[string]string{
		"migrations/20260101000000_things.sql": slowTable,
		"schema/s.hcl":                         "schema \"public\" {}\ntable \"things\" {\n  schema = schema.public\n  column \"id\" {\n    type = bigint\n  }\n  column \"note\" {\n    type = text\n    null = true\n  }\n  column \"more\" {\n    type = text\n    null = true\n  }\n  primary_key {\n    columns = [column.id]\n  }\n}\n",
	})
	databases(t, f.url, names)
	var doc view.Fleet
	if code := f.json(&doc, "apply", "--junit", filepath.Join(f.dir, "junit.xml")); code != 1 || doc.Counts["done"] != 3 || doc.Counts["failed"] != 1 {
		t.Errorf("exit code %d: %+v", code, doc.Counts)
	}
	report, err := os.ReadFile(filepath.Join(f.dir, "junit.xml"))
	if err != nil || !strings.Contains(string(report), `errors="1"`) || strings.Contains(string(report), "hunter2secret") {
		t.Errorf("%v: %s", err, report)
	}
	if out := f.must(1, "apply", "--only-failed"); !strings.Contains(out, "1 target of 4: 1 failed") || strings.Contains(out, "hunter2secret") {
		t.Error(out)
	}
	pgtest.Exec(t, besideURL(t, f.url, names[2]), "ALTER TABLE public.things ADD wild text")
	var plan view.FleetPlan
	if code := f.json(&plan, "plan", "--name", "more"); code != 1 || len(plan.Plans) != 2 || plan.Plans[0].Count != 2 || len(plan.Unreachable) != 1 {
		t.Fatalf("exit code %d: %+v", code, plan)
	}
	if g := plan.Plans[1]; g.Targets[0] != names[2] || len(g.Differences) != 1 || g.Differences[0].Object != "table public.things" || len(plan.Plans[0].Files) == 0 {
		t.Errorf("%+v", g)
	}
	// The file was planned for the two; the third has another table and is refused, by name.
	if code := f.json(&doc, "apply", "--target", names[0], "--target", names[2]); code != 1 || doc.Targets[0].State != "done" || doc.Targets[1].Code != "drift" {
		t.Errorf("exit code %d: %+v", code, doc.Targets)
	}
	if out := f.must(1, "rollback"); !strings.Contains(out, "choose one with --target") {
		t.Error(out)
	}
	if out := f.must(0, "rollback", "--target", names[0], "--auto-approve", "--accept-data-loss"); !strings.Contains(out, "Rolled back 1") {
		t.Error(out)
	}
}
