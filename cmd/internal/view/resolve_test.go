package view

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

func TestAFailedStepSaysWhatIsInTheDatabase(t *testing.T) {
	m := &migration.Migration{Version: "20261120153000", Name: "x", Steps: make([]migration.Step, 3)}
	err := &apply.StepError{
		Migration: m, Step: 2, Title: "fill", StepsDone: 1, Rows: 40, Batches: 2, Interrupted: true, Err: context.Canceled,
		NotRun: []*migration.Migration{{Version: "20261120153001", Name: "y"}}, Next: "run it again: pleat apply goes on at step 2",
	}
	f := Explain(err)
	want := &FailedStep{Number: 2, Title: "fill", StepsDone: 1, Steps: 3, Rows: 40, Batches: 2, Interrupted: true, NotRun: []string{"20261120153001_y.sql"}}
	if diff := cmp.Diff(want, f.Step); diff != "" || f.Code != "interrupted" || f.Next == "" {
		t.Errorf("%+v\n%s", f, diff)
	}
}

func TestResolutionText(t *testing.T) {
	known := &apply.InDoubt{
		Migration: &migration.Migration{Version: "20261120153000", Name: "x", Steps: make([]migration.Step, 3)}, Step: 2, At: time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC),
		Statement: migration.Statement{SQL: "INSERT INTO t VALUES (1)"}, Run: "r1", Actor: "deploy", Client: history.Client{Host: "ci"}, StepsDone: 1,
	}
	d := NewResolution("app", known)
	p := &page{}
	d.text(p)
	for _, part := range []string{"step 2 is in doubt", "INSERT INTO t VALUES (1)", "2026-11-20T15:00:00Z by deploy on ci (run r1)", "pleat resolve 20261120153000 --step 2 --done"} {
		if !strings.Contains(p.b.String(), part) {
			t.Errorf("no %q in\n%s", part, p.b.String())
		}
	}
	d.Say(true, "looked")
	p = &page{}
	d.text(p)
	if got := p.b.String(); !strings.Contains(got, "took effect (looked)") || !strings.Contains(got, "Go on with: pleat apply") {
		t.Error(got)
	}
	text, err := json.Marshal(d)
	if err != nil || !bytes.Contains(text, []byte(`"outcome":"done"`)) {
		t.Errorf("%s %v", text, err)
	}
}

func TestStatusNamesWhatIsInDoubt(t *testing.T) {
	d := &Status{}
	d.Doubt([]error{errors.New("other"), &apply.Refused{Code: "order", Reason: "no"}, &apply.Refused{Code: "in_doubt", Reason: "nothing tells", Next: "pleat resolve 1"}})
	if diff := cmp.Diff([]string{"nothing tells; pleat resolve 1"}, d.Problems); diff != "" {
		t.Error(diff)
	}
}
