package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

var at = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func told(mask func(string) string, events ...apply.Event) (out []Event) {
	t := NewTeller(Context{Command: "apply", Database: "shop", Environment: "prod", Tool: "pleat 1"}, mask, func() time.Time { return at },
		SinkFunc(func(e Event) { out = append(out, e) }))
	for _, e := range events {
		t.Observe(e)
	}
	return out
}

// one is a value of each type of event that package apply tells.
func one() []apply.Event {
	m := &migration.Migration{Version: "1", Name: "x"}
	return []apply.Event{
		apply.LockWaiting{Holder: apply.Holder{PID: 7}, Waited: time.Second}, apply.RunStarted{Run: "r", Pending: []*migration.Migration{m}},
		apply.MigrationStarted{Migration: m, Index: 1, Of: 2}, apply.StepStarted{Migration: m, Step: 1}, apply.StepRetried{Migration: m, Step: 1, Attempt: 2, SQLState: "55P03"},
		apply.BatchDone{Migration: m, Step: 1, Rows: 5, Complete: true}, apply.Throttled{Migration: m, Step: 1, By: "lag"},
		apply.Checked{Migration: m, Step: 1, Count: 3}, apply.DriftSeen{Objects: []schema.ID{{Kind: schema.KindTable, Schema: "public", Name: "t"}}},
		apply.Warned{Message: "w"}, apply.Noticed{Message: "n"}, apply.StepDone{Migration: m, Step: 1, Duration: time.Second, Attempts: 3, LockWait: 40 * time.Millisecond},
		apply.Blocked{Migration: m, Step: 1, Behind: 2}, apply.Progressed{Migration: m, Step: 1, Done: 1, Total: 2}, apply.BlockerEnded{Migration: m, Step: 1},
		apply.Interrupted{}, apply.MigrationDone{Migration: m, Duration: time.Second}, apply.Finished{Result: &apply.Result{Run: "r"}},
	}
}

// TestEveryEventIsTold finds the types by the method that makes a type of package apply an event.
func TestEveryEventIsTold(t *testing.T) {
	known := map[string]bool{}
	for _, e := range one() {
		known[reflect.TypeOf(e).Name()] = true
		list := told(nil, e)
		if len(list) != 1 || !slices.Contains(Names(), list[0].Type) || list[0].Message == "" {
			t.Errorf("%T became %+v", e, list)
		}
	}
	files, err := filepath.Glob("../../../apply/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	found := 0
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Name.Name != "event" || fn.Recv == nil || fn.Type.Params.NumFields() > 0 || fn.Type.Results != nil {
				continue
			}
			found++
			if name := fn.Recv.List[0].Type.(*ast.Ident).Name; !known[name] {
				t.Errorf("apply.%s is told to nobody: translate it in this package, and add it to this test", name)
			}
		}
	}
	if found < 14 {
		t.Errorf("found %d types of events in package apply: are they still marked by a method event()?", found)
	}
}

func TestRun(t *testing.T) {
	order := []string{
		"lock.waiting", "run.started", "migration.started", "step.started", "step.retried", "step.progress", "step.throttled", "check.found", "drift.seen",
		"warning", "notice", "step.done", "step.blocked", "step.progress", "blocker.ended", "warning", "migration.done", "run.finished",
	}
	list := told(nil, one()...)
	var types []string
	for _, e := range list {
		types = append(types, e.Type)
		if e.Version != ShapeVersion || e.Database != "shop" || e.Environment != "prod" || e.Command != "apply" || !e.Time.Equal(at) {
			t.Errorf("incomplete: %+v", e)
		}
	}
	if list[0].Run != "" || list[1].Run != "r" || list[len(list)-1].Run != "r" {
		t.Error("the run is not named from its start on")
	}
	if list[2].Migration.Index != 1 || list[3].Migration.Of != 2 {
		t.Error("steps do not say which migration of how many theirs is")
	}
	if diff := cmp.Diff(order, types); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	last := list[len(list)-1]
	want := view.NewRun("shop", view.Forward, &apply.Result{Run: "r"})
	want.Version, want.Command = view.ShapeVersion, "apply"
	if diff := cmp.Diff(want, last.Result, cmp.AllowUnexported(view.Run{}, view.Head{})); diff != "" {
		t.Errorf("the result is not the shape of --json: %s", diff)
	}
	if idle := told(nil, apply.Finished{Result: &apply.Result{}}); idle[0].Type != TypeRunIdle {
		t.Errorf("a run that did nothing is told as %s", idle[0].Type)
	}
}

func TestFail(t *testing.T) {
	var got Event
	teller := NewTeller(Context{Command: "apply"}, func(s string) string { return strings.ReplaceAll(s, "canary", "***") }, func() time.Time { return at },
		SinkFunc(func(e Event) { got = e }))
	m := &migration.Migration{Version: "1", Name: "x"}
	teller.Observe(apply.MigrationStarted{Migration: m})
	teller.Fail(&apply.StepError{Migration: m, Step: 2, SQLState: "23505", Err: errors.New("key canary")})
	if got.Type != TypeRunFailed || got.Level != "error" || got.Step != 2 || got.SQLState != "23505" || got.Migration.File != m.File() || got.Error.Code != "step" {
		t.Errorf("got %+v", got)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("canary")) || !bytes.Contains(text, []byte("key ***")) {
		t.Errorf("not masked: %s", text)
	}
}

// TestLogIsTheShape compares lines of the log with what encoding/json makes of the same events.
func TestLogIsTheShape(t *testing.T) {
	for _, e := range append(told(nil, one()...), Hello("pleat 1", at)) {
		var line bytes.Buffer
		NewLog(&line).Tell(e)
		if n := strings.Count(line.String(), "\n"); n != 1 {
			t.Errorf("%d lines for one event", n)
		}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var got, want map[string]any
		if err := errors.Join(json.Unmarshal(line.Bytes(), &got), json.Unmarshal(text, &want)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", e.Type, diff)
		}
	}
}

func TestMaskedKeepsNumbers(t *testing.T) {
	e := Masked(Event{Type: TypeStepDone, Message: "12345", Milliseconds: 12345, Title: "run", Objects: []string{"a12345"}}, func(s string) string {
		return strings.ReplaceAll(s, "12345", "***")
	})
	if e.Message != "***" || e.Milliseconds != 12345 || e.Objects[0] != "a***" || e.Type != TypeStepDone {
		t.Errorf("got %+v", e)
	}
}
