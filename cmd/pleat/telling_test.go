package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/cmd/internal/event"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// place is a project of hand-written migrations with a database of its own.
type place struct {
	t        *testing.T
	dir, url string
}

func newPlace(t *testing.T, project string) *place {
	p := &place{t, t.TempDir(), pgtest.URL(t)}
	p.write("pleat.hcl", project)
	if err := os.Mkdir(filepath.Join(p.dir, "migrations"), 0o700); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *place) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o700); err != nil {
		p.t.Fatal(err)
	}
}

// migration adds a file and writes the sums anew.
func (p *place) migration(version, name, sql string) {
	p.t.Helper()
	p.write("migrations/"+version+"_"+name+".sql", sql)
	if code, _, stderr := p.run("hash"); code != 0 {
		p.t.Fatal(stderr)
	}
}

func (p *place) read(name string) string {
	text, _ := os.ReadFile(filepath.Join(p.dir, name)) // what is not there is empty
	return string(text)
}

// command is pleat as a process of its own; the test binary is called by that name.
func (p *place) command(args ...string) *exec.Cmd {
	cmd := exec.Command("pleat", args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "PLEAT_URL="+p.url, "LC_ALL=C", "PGAPPNAME=canary-app", "CANARY_VARIABLE=canary-in-environment")
	return cmd
}

func (p *place) run(args ...string) (code int, stdout, stderr string) {
	p.t.Helper()
	var out, errs bytes.Buffer
	cmd := p.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		p.t.Fatal(err)
	}
	return code, out.String(), errs.String()
}

// inbox is a webhook's receiver.
type inbox struct {
	*httptest.Server
	mu     sync.Mutex
	events []event.Event
	bodies []string
}

func newInbox(t *testing.T) *inbox {
	b := &inbox{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		var c struct{ Data event.Event }
		if err := json.Unmarshal(text, &c); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.events, b.bodies = append(b.events, c.Data), append(b.bodies, string(text))
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *inbox) types() (out []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		out = append(out, e.Type)
	}
	b.events = nil
	return out
}

const hookScript = `#!/bin/sh
read -r line
echo "$1 $PLEAT_COMMAND [$PLEAT_OUTCOME] $PLEAT_VERSIONS" >> hooks.log
echo "$line" > "stdin.$1"
env > "env.$1"
echo "said by $1, canary-key-1"
`

// TestTelling goes through a run that ends well, one that has nothing to do, and one that fails.
func TestTelling(t *testing.T) {
	in := newInbox(t)
	p := newPlace(t, `
notify "bus" {
  url    = "`+in.URL+`"
  secret = "canary-key-1"
}
metrics { file = "pleat.prom" }
log { file = "events.jsonl" }
hook "first" {
  when    = "before_apply"
  command = ["./hook", "first"]
  env     = { OWN = "1" }
}
hook "last" {
  when        = "after_apply"
  command     = ["./hook", "last"]
  credentials = true
}
hook "sorry" {
  when    = "on_failure"
  command = ["./hook", "sorry"]
}`)
	p.write("hook", hookScript)
	p.migration("20260101000000", "a", "-- pleat: up\nCREATE TABLE a (id int);\n-- pleat: down\nDROP TABLE a;\n")
	code, stdout, stderr := p.run("apply", "--json", "--release", "r1")
	if code != 0 {
		t.Fatal(stderr)
	}
	if diff := cmp.Diff([]string{event.TypeRunFinished}, in.types()); diff != "" {
		t.Error(diff)
	}
	if want := "first apply [] 20260101000000\nlast apply [success] 20260101000000\n"; p.read("hooks.log") != want {
		t.Errorf("hooks: %q", p.read("hooks.log"))
	}
	if !strings.Contains(stderr, "hook first: said by first") || strings.Contains(stdout, "said by") {
		t.Errorf("what a hook says is not on standard error alone:\n%s", stderr)
	}
	if env := p.read("env.first"); strings.Contains(env, "PGHOST=") || strings.Contains(env, "PLEAT_URL") || strings.Contains(env, "canary-app") || !strings.Contains(env, "OWN=1") {
		t.Errorf("the environment of a hook without credentials:\n%s", env)
	}
	if env := p.read("env.last"); !strings.Contains(env, "PGHOST=") || !strings.Contains(env, "PGDATABASE=") {
		t.Errorf("the environment of a hook with credentials:\n%s", env)
	}
	sameResult(t, stdout, p.read("stdin.last"))
	if code, _, stderr := p.run("apply"); code != 0 {
		t.Fatal(stderr)
	}
	if got := in.types(); len(got) != 0 || strings.Count(p.read("hooks.log"), "\n") != 2 {
		t.Errorf("nothing ran, and %v was told:\n%s", got, p.read("hooks.log"))
	}
	p.migration("20260102000000", "b", "-- pleat: up\nCREATE TABLE a (id int);\n-- pleat: down\nDROP TABLE a;\n")
	if code, _, _ := p.run("apply"); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if diff := cmp.Diff([]string{event.TypeRunFailed}, in.types()); diff != "" {
		t.Error(diff)
	}
	if log := p.read("hooks.log"); !strings.HasSuffix(log, "first apply [] 20260102000000\nsorry apply [failure] 20260102000000\n") {
		t.Errorf("hooks:\n%s", log)
	}
	metrics := p.read("pleat.prom")
	if !regexp.MustCompile(`(?m)^pleat_run_success\{.*} 0$`).MatchString(metrics) || !strings.Contains(metrics, "\npleat_last_success_timestamp_seconds{") {
		t.Errorf("metrics:\n%s", metrics)
	}
	checkLog(t, p.read("events.jsonl"))
	for _, where := range append(in.bodies, stderr, p.read("events.jsonl"), p.read("stdin.last"), p.read("env.last")) {
		if strings.Contains(where, "canary-key") {
			t.Errorf("a secret is told: %s", where)
		}
	}
}

// sameResult checks that the event of a run's end holds what --json prints.
func sameResult(t *testing.T, stdout, line string) {
	t.Helper()
	var document map[string]any
	var e struct{ Result map[string]any }
	if err := errors.Join(json.Unmarshal([]byte(stdout), &document), json.Unmarshal([]byte(line), &e)); err != nil {
		t.Fatal(err)
	}
	delete(document, "notes")
	if diff := cmp.Diff(document, e.Result); diff != "" {
		t.Errorf("the result of the event is not that of --json: %s", diff)
	}
}

// checkLog reads each line as an event.
func checkLog(t *testing.T, text string) {
	t.Helper()
	var types []string
	for line := range strings.Lines(text) {
		var e event.Event
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil || e.Version != event.ShapeVersion || !slices.Contains(event.Names(), e.Type) {
			t.Errorf("%v: %s", err, line)
		}
		types = append(types, e.Type)
	}
	if types[0] != event.TypeVersion {
		t.Errorf("the first line is %s", types[0])
	}
	for _, want := range []string{event.TypeRunStarted, event.TypeStepDone, event.TypeMigrationDone, event.TypeRunFinished, event.TypeRunIdle, event.TypeRunFailed, event.TypeHookDone} {
		if !slices.Contains(types, want) {
			t.Errorf("no %s in the log", want)
		}
	}
}

func TestLogFormat(t *testing.T) {
	p := newPlace(t, "")
	p.migration("20260101000000", "a", "-- pleat: up\nDO $$ BEGIN RAISE NOTICE 'hello \x1b[31m'; END $$;\n")
	code, stdout, stderr := p.run("apply", "--log-format", "json")
	if code != 0 || !strings.Contains(stdout, "Applied 1 migration") {
		t.Fatal(stdout, stderr)
	}
	for line := range strings.Lines(stderr) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
	if !strings.Contains(stderr, `"type":"notice"`) || !strings.Contains(stderr, `"type":"run.finished"`) || strings.Contains(stderr, "\x1b") {
		t.Error(stderr)
	}
	if code, _, stderr := p.run("status", "--env", "nowhere", "--log-format", "json"); code != 1 || !strings.Contains(stderr, `"level":"error"`) || !json.Valid([]byte(strings.SplitN(stderr, "\n", 2)[0])) {
		t.Errorf("%d: %s", code, stderr)
	}
	if code, _, stderr := p.run("apply", "--log-format", "xml"); code != 1 || !strings.Contains(stderr, "--log-format") {
		t.Errorf("%d: %s", code, stderr)
	}
}

// TestHooksDoNotRun shows that commands which change nothing run no hooks: a pull request can edit the project file.
func TestHooksDoNotRun(t *testing.T) {
	p := newPlace(t, `
hook "a" {
  when    = "before_apply"
  command = ["./hook", "a"]
}
hook "b" {
  when    = "after_apply"
  command = ["./hook", "b"]
}
hook "c" {
  when    = "on_failure"
  command = ["./hook", "c"]
}`)
	p.write("hook", hookScript)
	if err := os.Mkdir(filepath.Join(p.dir, "schema"), 0o700); err != nil {
		t.Fatal(err)
	}
	p.write("schema/x.hcl", "schema \"public\" {}\ntable \"b\" {\n  schema = schema.public\n  column \"id\" { type = integer }\n}\n")
	p.migration("20260101000000", "a", "-- pleat: up\nCREATE TABLE b (id int);\n-- pleat: down\nDROP TABLE b;\n")
	shadow := pgtest.Server(t).URL("")
	quiet := func(list ...[]string) {
		t.Helper()
		for _, args := range list {
			if code, _, stderr := p.run(args...); code == 1 {
				t.Errorf("%s failed: %s", args, stderr)
			}
			if log := p.read("hooks.log"); log != "" {
				t.Fatalf("%s ran hooks:\n%s", args, log)
			}
		}
	}
	quiet([]string{"plan", "--name", "x", "--dry-run", "--shadow", shadow}, []string{"lint"}, []string{"validate"}, []string{"status"}, []string{"history"},
		[]string{"inspect"}, []string{"apply", "--dry-run"}, []string{"ready"})
	if p.run("apply"); p.read("hooks.log") == "" {
		t.Error("apply ran no hook")
	}
	p.write("hooks.log", "")
	quiet([]string{"rollback", "--dry-run"}, []string{"drift"}, []string{"verify"})
}

func TestHookFails(t *testing.T) {
	p := newPlace(t, `
hook "guard" {
  when    = "before_apply"
  command = ["sh", "-c", "echo no; exit 4"]
}`)
	p.migration("20260101000000", "a", "-- pleat: up\nCREATE TABLE a (id int);\n-- pleat: down\nDROP TABLE a;\n")
	code, _, stderr := p.run("apply")
	if code != 1 || !strings.Contains(stderr, `hook "guard": exit status 4`) {
		t.Errorf("%d: %s", code, stderr)
	}
	if rows, err := query(p.url, "SELECT to_regclass('a') IS NULL"); err != nil || rows[0][0] != "t" {
		t.Errorf("the run took place: %v %v", rows, err)
	}
	p.write("pleat.hcl", strings.ReplaceAll(p.read("pleat.hcl"), `"before_apply"`, `"after_apply"`))
	if code, _, stderr := p.run("apply"); code != 0 || !strings.Contains(stderr, "exit status 4") {
		t.Errorf("a hook after the run that may fail: %d: %s", code, stderr)
	}
	p.write("pleat.hcl", strings.ReplaceAll(p.read("pleat.hcl"), `"after_apply"`, "\"after_rollback\"\n  on_error = \"fail\""))
	if code, _, stderr := p.run("rollback", "--auto-approve"); code != 1 || !strings.Contains(stderr, "is complete, but a hook after it failed") {
		t.Errorf("a hook after the run that may not fail: %d: %s", code, stderr)
	}
	if rows, err := query(p.url, "SELECT to_regclass('a') IS NULL"); err != nil || rows[0][0] != "t" {
		t.Errorf("the way back did not take place: %v %v", rows, err)
	}
}

// TestReceiverHangs shows that an apply ends while a receiver still holds the request.
func TestReceiverHangs(t *testing.T) {
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-release
	}))
	t.Cleanup(hanging.Close)
	t.Cleanup(func() { close(release) })
	p := newPlace(t, `
notify "slow" {
  url     = "`+hanging.URL+`/canary-path-of-it"
  timeout = "10min"
}
tracing { endpoint = "`+hanging.URL+`" }`)
	p.migration("20260101000000", "a", "-- pleat: up\nCREATE TABLE a (id int);\n")
	code, _, stderr := p.run("apply")
	if code != 0 || !strings.Contains(stderr, `warning: notify "slow": 1 of 1 events did not reach`) || !strings.Contains(stderr, "trace") || strings.Contains(stderr, "canary") {
		t.Errorf("%d: %s", code, stderr)
	}
}

// TestInterrupted shows that those are told whose run was stopped by a signal, and that a hook which takes long is ended by one.
func TestInterrupted(t *testing.T) {
	in := newInbox(t)
	p := newPlace(t, `
notify "bus" { url = "`+in.URL+`" }
hook "slow" {
  when    = "before_apply"
  command = ["sh", "-c", "echo $$ > pid; exec sleep 600"]
  timeout = "20min"
}
hook "sorry" {
  when    = "on_failure"
  command = ["sh", "-c", "echo $PLEAT_OUTCOME > sorry"]
}`)
	p.migration("20260101000000", "a", "-- pleat: up\nCREATE TABLE a (id int);\n")
	cmd := p.command("apply")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for p.read("pid") == "" {
		time.Sleep(20 * time.Millisecond)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("it ended with %v", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(p.read("pid")))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the hook still runs: %v", err)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.events) == 0 || in.events[len(in.events)-1].Type != event.TypeRunFailed || in.events[len(in.events)-1].Error.Code != "interrupted" {
		t.Errorf("told: %+v", in.events)
	}
	if p.read("sorry") != "failure\n" {
		t.Errorf("the hook after a failure did not run")
	}
}

// TestKilledWhileTelling kills pleat while hooks and receivers are at work; the next apply goes on and tells.
func TestKilledWhileTelling(t *testing.T) {
	in := newInbox(t)
	p := newPlace(t, `
notify "bus" {
  url    = "`+in.URL+`"
  events = ["run.started", "run.finished"]
}
hook "slow" {
  when    = "before_apply"
  command = ["sh", "-c", "echo $$ > pid; test -e go || exec sleep 600"]
}`)
	p.migration("20260101000000", "a", "-- pleat: up\nCREATE TABLE a (id int);\n")
	cmd := p.command("apply")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for p.read("pid") == "" {
		time.Sleep(20 * time.Millisecond)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	p.write("go", "")
	in.types()
	if code, _, stderr := p.run("apply"); code != 0 {
		t.Fatal(stderr)
	}
	if diff := cmp.Diff([]string{event.TypeRunStarted, event.TypeRunFinished}, in.types()); diff != "" {
		t.Error(diff)
	}
	code, stdout, stderr := p.run("history", "--trend", "--json")
	var trend struct {
		Runs []struct{ Outcome string }
	}
	if err := json.Unmarshal([]byte(stdout), &trend); code != 0 || err != nil {
		t.Fatal(code, err, stderr)
	}
	if len(trend.Runs) != 2 || trend.Runs[0].Outcome != "open" || trend.Runs[1].Outcome != "finished" {
		t.Errorf("got %+v", trend)
	}
	if _, stdout, _ := p.run("history", "--trend"); !strings.Contains(stdout, "The last 2 of 2 runs; 0 % of those that ended failed.") {
		t.Error(stdout)
	}
}
