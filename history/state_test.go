package history

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pleatdb/pleat/history/migration"
)

func TestStateFollowsTheLog(t *testing.T) {
	l, conn, _ := created(t)
	const a, b, c, d = "20260101000000", "20260102000000", "20260103000000", "20260104000000"
	for _, tc := range []struct {
		name   string
		events []Event
		want   []Record
	}{
		{"interrupted after a step", []Event{{Kind: StepDone, Version: b, Step: 1}}, []Record{{Version: b, Status: StatusPartial, StepsDone: 1}}},
		{"in doubt", []Event{{Kind: StepStarted, Version: b, Step: 2}},
			[]Record{{Version: b, Status: StatusPartial, StepsDone: 1, InDoubt: &InDoubt{Step: 2}}}},
		{"refused", []Event{{Kind: StepFailed, Version: b, Step: 2, SQLState: "23505"}, {Kind: Failed, Version: b, SQLState: "23505", Detail: map[string]any{"message": "no"}}},
			[]Record{{Version: b, Status: StatusFailed, StepsDone: 1, InDoubt: &InDoubt{Step: 2, Refused: true}, SQLState: "23505", Message: "no"}}},
		{"resumed", []Event{{Kind: StepStarted, Version: b, Step: 2}, {Kind: StepDone, Version: b, Step: 2}, {Kind: Applied, Version: b}},
			[]Record{{Version: b, Status: StatusApplied, StepsDone: 2}}},
		{"an older one goes in later", []Event{{Kind: StepDone, Version: a, Step: 1}, {Kind: Applied, Version: a}},
			[]Record{{Version: b, Status: StatusApplied, StepsDone: 2}, {Version: a, Status: StatusApplied, StepsDone: 1}}},
		{"half of a way back", []Event{{Kind: UndoDone, Version: b, Step: 2, Part: 1, Parts: 2}},
			[]Record{{Version: b, Status: StatusPartial, StepsDone: 2, UndoneStep: 2, UndoneParts: 1}, {Version: a, Status: StatusApplied, StepsDone: 1}}},
		{"a refused way back", []Event{{Kind: UndoStarted, Version: b, Step: 2, Part: 2}, {Kind: UndoFailed, Version: b, Step: 2, Part: 2}, {Kind: RollbackFailed, Version: b, SQLState: "2BP01"}},
			[]Record{{Version: b, Status: StatusPartial, StepsDone: 2, UndoneStep: 2, UndoneParts: 1, InDoubt: &InDoubt{Undo: true, Step: 2, Part: 2, Refused: true}, SQLState: "2BP01"},
				{Version: a, Status: StatusApplied, StepsDone: 1}}},
		{"the way back of the step", []Event{{Kind: UndoDone, Version: b, Step: 2, Part: 2, Parts: 2}},
			[]Record{{Version: b, Status: StatusPartial, StepsDone: 1}, {Version: a, Status: StatusApplied, StepsDone: 1}}},
		{"rolled back", []Event{{Kind: RolledBack, Version: b}},
			[]Record{{Version: b, Status: StatusRolledBack}, {Version: a, Status: StatusApplied, StepsDone: 1}}},
		{"again, so that it is the newest", []Event{{Kind: StepDone, Version: b, Step: 1}},
			[]Record{{Version: a, Status: StatusApplied, StepsDone: 1}, {Version: b, Status: StatusPartial, StepsDone: 1}}},
		{"unknown kinds do not matter", []Event{{Kind: "invented", Version: b}, {Kind: "invented", Version: "x"}},
			[]Record{{Version: a, Status: StatusApplied, StepsDone: 1}, {Version: b, Status: StatusPartial, StepsDone: 1}}},
		{"baseline and import", []Event{{Kind: Imported, Version: "0042_users"}, {Kind: Baseline, Version: c}},
			[]Record{{Version: a, Status: StatusApplied, StepsDone: 1}, {Version: b, Status: StatusPartial, StepsDone: 1},
				{Version: "0042_users", Status: StatusImported}, {Version: c, Status: StatusBaseline}}},
	} {
		record(t, l, conn, tc.events...)
		state, err := l.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		diff := cmp.Diff(tc.want, state.Records, cmpopts.IgnoreFields(Record{}, "Run", "Actor", "At", "Seq"), cmpopts.IgnoreFields(InDoubt{}, "At"))
		if diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
		viewAgrees(t, l, state, tc.name)
	}
	state, err := l.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := &migration.Dir{Files: []migration.File{{Version: a}, {Version: b}, {Version: c}, {Version: d}}}
	var pending []string
	for _, f := range state.Pending(dir) {
		pending = append(pending, f.Version)
	}
	if diff := cmp.Diff([]string{d}, pending); diff != "" {
		t.Error(diff)
	}
	if state.Newest() != c || state.Baseline != c || state.Record("nope") != nil {
		t.Errorf("newest %s, baseline %s", state.Newest(), state.Baseline)
	}
}

// viewAgrees holds the view for people against the state that pleat computes.
func viewAgrees(t *testing.T, l *Log, state *State, name string) {
	t.Helper()
	rows, err := l.conn.Query(t.Context(), "SELECT version, state FROM pleat.state")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	seen := 0
	for rows.Next() {
		var version, status string
		if err := rows.Scan(&version, &status); err != nil {
			t.Fatal(err)
		}
		seen++
		if r := state.Record(version); r == nil || string(r.Status) != status {
			t.Errorf("%s: the view says %s is %s, the log says %+v", name, version, status, r)
		}
	}
	if seen != len(state.Records) {
		t.Errorf("%s: the view has %d rows, the state %d", name, seen, len(state.Records))
	}
}

func TestRunIDsAreSortedByTime(t *testing.T) {
	seen := map[string]bool{}
	previous := ""
	for i := range 1000 {
		id := NewRunID(timeAt(i))
		if len(id) != 36 || id[14] != '7' || !strings.ContainsRune("89ab", rune(id[19])) || id <= previous || seen[id] {
			t.Fatalf("id %s after %s", id, previous)
		}
		previous, seen[id] = id, true
	}
}

func timeAt(ms int) time.Time { return time.UnixMilli(1_800_000_000_000 + int64(ms)) }

func TestStateFollowsAPersonsWord(t *testing.T) {
	l, conn, _ := created(t)
	const v = "20260104000000"
	said := func(outcome string, step int, undo bool) Event {
		return Event{Kind: Resolved, Version: v, Step: step, Part: 1, Parts: 1, Detail: map[string]any{"outcome": outcome, "undo": undo, "reason": "looked"}}
	}
	for _, tc := range []struct {
		name   string
		events []Event
		want   Record
	}{
		{"done", []Event{{Kind: StepDone, Version: v, Step: 1}, {Kind: StepStarted, Version: v, Step: 2}, {Kind: Failed, Version: v}, said(ResolvedDone, 2, false)},
			Record{Version: v, Status: StatusPartial, StepsDone: 2}},
		{"not done", []Event{{Kind: StepStarted, Version: v, Step: 3}, said(ResolvedNotDone, 3, false)}, Record{Version: v, Status: StatusPartial, StepsDone: 2}},
		{"undone", []Event{{Kind: UndoStarted, Version: v, Step: 2, Part: 1}, said(ResolvedDone, 2, true)}, Record{Version: v, Status: StatusPartial, StepsDone: 1}},
		{"not undone", []Event{{Kind: UndoStarted, Version: v, Step: 1, Part: 1}, said(ResolvedNotDone, 1, true)}, Record{Version: v, Status: StatusPartial, StepsDone: 1}},
	} {
		record(t, l, conn, tc.events...)
		state, err := l.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Record{tc.want}, state.Records, cmpopts.IgnoreFields(Record{}, "Run", "Actor", "At", "Seq")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
		viewAgrees(t, l, state, tc.name)
	}
}
