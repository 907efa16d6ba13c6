package trend

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

var at = time.Date(2026, 11, 16, 10, 0, 0, 0, time.UTC) // a Monday

type log []history.Entry

func (l *log) add(seconds int, e history.Event) {
	*l = append(*l, history.Entry{At: at.Add(time.Duration(seconds) * time.Second), Event: e})
}

// run logs one that applies a migration in one step.
func (l *log) run(id string, seconds int, version string, took time.Duration, attempts string) {
	l.add(seconds, history.Event{Kind: history.RunStarted, Run: id, Detail: map[string]any{"command": "apply"}})
	e := history.Event{Kind: history.StepDone, Run: id, Version: version, Name: "n", Phase: migration.Expand, Step: 1, Duration: took}
	if attempts != "" {
		e.Detail = map[string]any{"attempts": json.Number(attempts), "lock_wait_ms": json.Number("700")}
	}
	l.add(seconds+1, e)
	l.add(seconds+1, history.Event{Kind: history.Applied, Run: id, Version: version, Name: "n", Phase: migration.Expand})
	l.add(seconds+2, history.Event{Kind: history.RunFinished, Run: id})
}

func TestOf(t *testing.T) {
	var l log
	l.run("a", 0, "1", time.Second, "")
	l.run("b", 100, "2", 3*time.Second, "4")
	const week = 7 * 24 * 3600
	l.run("c", 2*week, "1", 5*time.Second, "")
	l.add(2*week+10, history.Event{Kind: history.RunStarted, Run: "d", Detail: map[string]any{"command": "rollback"}})
	l.add(2*week+11, history.Event{Kind: history.RolledBack, Run: "d", Version: "1"})
	l.add(2*week+15, history.Event{Kind: history.RunFailed, Run: "d"})
	l.add(2*week+20, history.Event{Kind: history.RunStarted, Run: "e"})
	got := Of(l, 100)
	want := &Trend{
		Of: 5,
		Runs: []Run{
			{ID: "a", At: at, Command: "apply", Outcome: Finished, Duration: 2 * time.Second, Migrations: 1},
			{ID: "b", At: at.Add(100 * time.Second), Command: "apply", Outcome: Finished, Duration: 2 * time.Second, Migrations: 1, LockWait: 700 * time.Millisecond, Retries: 3},
			{ID: "c", At: at.Add(2 * week * time.Second), Command: "apply", Outcome: Finished, Duration: 2 * time.Second, Migrations: 1},
			{ID: "d", At: at.Add((2*week + 10) * time.Second), Command: "rollback", Outcome: Failed, Duration: 5 * time.Second, Migrations: 1},
			{ID: "e", At: at.Add((2*week + 20) * time.Second), Outcome: Open},
		},
		Kinds:    []Kind{{Phase: "expand", Count: 3, Median: 3 * time.Second, Longest: 5 * time.Second, LockWait: 700 * time.Millisecond}},
		Repeated: []Repeated{{Version: "1", Name: "n", Durations: []time.Duration{time.Second, 5 * time.Second}, Slower: true}},
		Weeks:    []Week{{monday(at), 2}, {monday(at).AddDate(0, 0, 7), 0}, {monday(at).AddDate(0, 0, 14), 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := Of(l, 2); len(got.Runs) != 2 || got.Runs[0].ID != "d" || got.Of != 5 || len(got.Kinds) != 0 {
		t.Errorf("the newest two: %+v", got)
	}
	if got := Of(nil, 10); len(got.Runs) != 0 || got.Weeks != nil {
		t.Errorf("of nothing: %+v", got)
	}
}

func TestMonday(t *testing.T) {
	for day := range 7 {
		if got := monday(at.AddDate(0, 0, day)); got != monday(at) || got.Weekday() != time.Monday {
			t.Errorf("day %d: %s", day, got)
		}
	}
}
