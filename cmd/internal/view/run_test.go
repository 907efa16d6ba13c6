package view

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

func sampleMigration() *migration.Migration {
	return &migration.Migration{
		Version: "20260101000000", Name: "users", Steps: []migration.Step{{Number: 1}, {Number: 2}},
		Destructive: []string{"drops table a"}, Down: []migration.Undo{{Step: 1, Loses: []string{"table b"}}},
	}
}

func TestRunsForPeople(t *testing.T) {
	m := sampleMigration()
	held := []apply.Held{{Migration: &migration.Migration{Version: "20260102000000", Name: "c", Phase: migration.Contract}, Reason: "too early"}}
	for _, test := range []struct {
		name, direction, want string
		result                apply.Result
	}{
		{"nothing", Forward, "held: 20260102000000_c.contract.sql: too early\nNothing to do. Database \"app\" has every migration that may run.\n",
			apply.Result{Held: held}},
		{"applied", Forward, "Applied 1 migration (run r).\n", apply.Result{Run: "r", Done: []apply.Outcome{{Migration: m, Steps: 2}}}},
		{"back", Back, "Rolled back 1 migration (run r).\n", apply.Result{Run: "r", Done: []apply.Outcome{{Migration: m, Steps: 2}}}},
		{"again", Again, "Redid 1 migration (run r).\n", apply.Result{Run: "r", Done: []apply.Outcome{{Migration: m, Steps: 2}}}},
		{"dry", Forward, `Would apply, in this order:
  20260101000000_users.sql (2 steps)
  in the way: 20260101000000_users.sql, step 1: no nulls: 7 rows, such as (1), (2)
  destructive: drops table a (20260101000000_users.sql)
Nothing was changed (dry run).
`, apply.Result{DryRun: true, Pending: []*migration.Migration{m}, Checks: []apply.Checked{{Migration: m, Step: 1, Message: "no nulls", Count: 7, Rows: []string{"(1)", "(2)"}}}}},
		{"dry back", Back, `Would roll back, in this order:
  20260101000000_users.sql (2 steps)
  destructive: table b (20260101000000_users.sql)
Nothing was changed (dry run).
`, apply.Result{DryRun: true, Pending: []*migration.Migration{m}}},
		{"dry nothing", Back, "Nothing to do. Nothing was changed (dry run).\n", apply.Result{DryRun: true}},
	} {
		v, out, _ := recordedView(Options{Command: "apply"})
		if err := v.Show(NewRun("app", test.direction, &test.result)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, out.String()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.name, diff)
		}
	}
}

func TestRunForPipelinesHasNoNullLists(t *testing.T) {
	v, out, _ := recordedView(Options{Command: "apply", JSON: true})
	if err := v.Show(NewRun("app", Forward, &apply.Result{Run: "r", Drift: []schema.ID{{Kind: schema.KindSchema, Name: "s"}}})); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "null") {
		t.Errorf("got %s", out)
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{"schema s"}, got["drift"]); diff != "" || got["run"] != "r" || got["direction"] != Forward {
		t.Errorf("got %v", got)
	}
}

func TestProgress(t *testing.T) {
	m := sampleMigration()
	v, out, errs := recordedView(Options{Command: "apply"})
	for _, e := range []apply.Event{
		apply.LockWaiting{Holder: apply.Holder{PID: 7, User: "ci"}, Waited: 3 * time.Second},
		apply.MigrationStarted{Migration: m, Index: 1, Of: 2, StepsDone: 1},
		apply.StepStarted{Migration: m, Step: 2, Title: "add \x1b[2J column"},
		apply.StepRetried{Migration: m, Step: 2, SQLState: "55P03", Timeout: time.Second, Pause: 200 * time.Millisecond},
		apply.StepDone{Migration: m, Step: 2, Settled: true},
		apply.Noticed{Severity: "NOTICE", Message: "hello"},
		apply.MigrationDone{Migration: m, Duration: 1500 * time.Millisecond},
		apply.MigrationStarted{Migration: m, Index: 2, Of: 2, Back: true},
		apply.StepStarted{Migration: m, Back: true, Statements: make([]migration.Statement, 3)},
		apply.StepStarted{Migration: m, Step: 4, Back: true, Statements: make([]migration.Statement, 1)},
		apply.DriftSeen{Objects: []schema.ID{{Kind: schema.KindSchema, Name: "s"}}},
		apply.Warned{Message: "odd"},
	} {
		v.Observe(e)
	}
	want := `waiting for another run to end (pid 7, user ci), 3s so far
applying 20260101000000_users.sql (1 of 2), going on after step 1
  step 2: add \x1b[2J column
  step 2 did not get its locks within 1s (55P03); trying again in 200ms
  step 2 was done already by the interrupted run
  notice: hello
  done in 1.5s
rolling back 20260101000000_users.sql (2 of 2)
  the way back: 3 statements
  undo 4: 1 statement
warning: schema s changed outside of pleat since its last run
warning: odd
`
	if diff := cmp.Diff(want, errs.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if out.Len() > 0 {
		t.Errorf("progress is no result, but standard output has %q", out)
	}
}

func TestDriftForPeople(t *testing.T) {
	wanted, live := states()
	since := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	v, out, _ := recordedView(Options{Command: "drift"})
	if err := v.Show(NewDrift("app", wanted, wanted, since, 15)); err != nil {
		t.Fatal(err)
	}
	if want := "No drift. Database \"app\" is as the last run left it (2026-01-02T03:04:05Z).\n"; out.String() != want {
		t.Errorf("got %q", out)
	}
	d := NewDrift("app", wanted, live, since, 15)
	if d.InSync || len(d.Repair) == 0 || d.Unrepairable != "" {
		t.Errorf("got %+v", d)
	}
	out.Reset()
	if err := v.Show(d); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"is not as the last run left it", "DROP TABLE public.teams;", "destructive: drops table public.teams and the data in it"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("%q is not in\n%s", part, out)
		}
	}
}

func TestStatusJoinsLogAndDirectory(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	entry := func(id int64, kind history.Kind, version, checksum string) history.Entry {
		return history.Entry{ID: id, At: at, Event: history.Event{Kind: kind, Version: version, Name: "n", Checksum: checksum}, Actor: "ann"}
	}
	state := history.StateOf([]history.Entry{
		entry(1, history.Baseline, "20260101000000", ""), entry(2, history.Applied, "20260102000000", "sum"),
		entry(3, history.Applied, "20260103000000", "gone"), entry(4, history.Failed, "20260104000000", "x"),
	})
	dir := &migration.Dir{Path: t.TempDir(), Files: []migration.File{
		{Name: "20260102000000_n.sql", Version: "20260102000000", Slug: "n", Checksum: "edited"},
		{Name: "20260105000000_p.sql", Version: "20260105000000", Slug: "p"},
	}}
	d := NewStatus("app", state, dir)
	if d.UpToDate || d.Counts["pending"] != 1 || d.Counts["failed"] != 1 || d.Baseline != "20260101000000" {
		t.Errorf("got %+v", d)
	}
	d.Problems = nil
	v, out, _ := recordedView(Options{Command: "status"})
	if err := v.Show(d); err != nil {
		t.Fatal(err)
	}
	want := `Baseline 20260101000000
baseline  20260101000000  n  2026-01-02T03:04:05Z by ann
applied   20260102000000  n  2026-01-02T03:04:05Z by ann  the file was edited since
applied   20260103000000  n  2026-01-02T03:04:05Z by ann  the file is gone
failed    20260104000000  n  2026-01-02T03:04:05Z by ann  the file is gone
pending   20260105000000  p
1 migration pending.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestHistoryIsShortUnlessVerbose(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	entries := []history.Entry{
		{ID: 1, At: at, Event: history.Event{Kind: history.StepDone, Version: "20260102000000", Name: "n", Step: 2, Run: "r", Client: history.Client{Host: "h", User: "u"}}, Actor: "ann"},
		{ID: 2, At: at, Event: history.Event{Kind: history.Failed, Version: "20260102000000", Name: "n", SQLState: "42P01", Duration: time.Second}, Actor: "ann"},
	}
	short := "2026-01-02T03:04:05Z  failed  20260102000000_n  ann  1s  SQLSTATE 42P01\n"
	long := `2026-01-02T03:04:05Z  step_done  20260102000000_n step 2  ann      u@h  run r
2026-01-02T03:04:05Z  failed     20260102000000_n         ann  1s              SQLSTATE 42P01
`
	for verbose, want := range map[bool]string{false: short, true: long} {
		v, out, _ := recordedView(Options{Command: "history"})
		if err := v.Show(NewHistory("app", entries, verbose)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("verbose %t (-want +got)\n%s", verbose, diff)
		}
	}
}
