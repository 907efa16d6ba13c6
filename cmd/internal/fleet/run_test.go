package fleet

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func many(n int, host string) (out []Target) {
	for i := range n {
		out = append(out, Target{Name: fmt.Sprintf("%s%02d", host, i), Database: host})
	}
	return out
}

// watcher is work that notes how many run at once.
type watcher struct {
	mu        sync.Mutex
	now, most map[string]int
	all, peak int
	fail      func(t Target) bool
	runs      map[string]int
	onStart   func(t Target)
}

func (w *watcher) work(ctx context.Context, t Target) Outcome {
	w.mu.Lock()
	w.now[t.Database]++
	w.all++
	w.runs[t.Name]++
	w.most[t.Database] = max(w.most[t.Database], w.now[t.Database])
	w.peak = max(w.peak, w.all)
	w.mu.Unlock()
	if w.onStart != nil {
		w.onStart(t)
	}
	time.Sleep(time.Millisecond)
	w.mu.Lock()
	w.now[t.Database]--
	w.all--
	w.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return Outcome{State: Interrupted}
	case w.fail != nil && w.fail(t):
		return Outcome{State: Failed, Code: "step", Message: "it broke"}
	}
	return Outcome{State: Done}
}

func watch() *watcher {
	return &watcher{now: map[string]int{}, most: map[string]int{}, runs: map[string]int{}}
}

func options(r Rollout, perHost int) Options {
	return Options{Rollout: r, HostOf: func(t Target) string { return t.Database }, PerHost: func(context.Context, Target) int { return perHost }}
}

func TestBoundsHold(t *testing.T) {
	w := watch()
	targets := append(many(30, "a"), many(30, "b")...)
	report := Run(t.Context(), nil, targets, options(Rollout{Parallel: 6}, 2), w.work)
	if report.Count(Done) != 60 || report.Stopped != "" {
		t.Errorf("%d done, stopped %q", report.Count(Done), report.Stopped)
	}
	if w.peak > 6 || w.most["a"] > 2 || w.most["b"] > 2 {
		t.Errorf("%d at once, %v a host", w.peak, w.most)
	}
	for name, runs := range w.runs {
		if runs != 1 {
			t.Errorf("%s ran %d times", name, runs)
		}
	}
}

func TestFailuresStopTheRest(t *testing.T) {
	two := Share{Count: 2}
	for _, tc := range []struct {
		name       string
		rollout    Rollout
		canaries   int
		bad        []string
		maxStarted int
		stopped    string
	}{
		{"a canary", Rollout{Parallel: 1, Continue: true}, 2, []string{"c00"}, 1, "a canary failed"},
		{"the first", Rollout{Parallel: 1}, 0, []string{"a01"}, 2, "a target failed"},
		{"too many", Rollout{Parallel: 1, MaxFailures: &two}, 0, []string{"a00", "a01", "a02"}, 3, "3 targets failed, and 2 may"},
		{"few enough", Rollout{Parallel: 1, MaxFailures: &two}, 0, []string{"a00", "a01"}, 20, ""},
		{"any number", Rollout{Parallel: 1, Continue: true}, 0, []string{"a00", "a01", "a02", "a03"}, 20, ""},
	} {
		w := watch()
		w.fail = func(t Target) bool {
			for _, b := range tc.bad {
				if t.Name == b {
					return true
				}
			}
			return false
		}
		report := Run(t.Context(), many(tc.canaries, "c"), many(20, "a"), options(tc.rollout, 9), w.work)
		if report.Stopped != tc.stopped || len(w.runs) > tc.maxStarted || len(report.Outcomes) != 20+tc.canaries {
			t.Errorf("%s: stopped %q after %d of %d outcomes", tc.name, report.Stopped, len(w.runs), len(report.Outcomes))
		}
		if report.Count(NotStarted) != 20+tc.canaries-len(w.runs) {
			t.Errorf("%s: %d not started, %d ran", tc.name, report.Count(NotStarted), len(w.runs))
		}
	}
}

func TestInterruptStartsNothingMore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := watch()
	w.onStart = func(t Target) {
		if t.Name == "a03" {
			cancel()
		}
	}
	report := Run(ctx, nil, many(20, "a"), options(Rollout{Parallel: 1}, 9), w.work)
	if len(w.runs) != 4 || report.Count(Interrupted) != 1 || report.Count(NotStarted) != 16 || report.Stopped != "it was interrupted" {
		t.Errorf("%d ran, %q", len(w.runs), report.Stopped)
	}
}

func TestAwaitKeepsTheRest(t *testing.T) {
	w := watch()
	o := options(Rollout{}, 9)
	o.Await = func(context.Context) error { return errors.New("the canary x failed") }
	report := Run(t.Context(), nil, many(5, "a"), o, w.work)
	if len(w.runs) != 0 || report.Stopped != "the canary x failed" || report.Count(NotStarted) != 5 {
		t.Errorf("%d ran, %q", len(w.runs), report.Stopped)
	}
}

func TestLedgerGoesOn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "fleet")
	head := Head{Run: NewRun(time.Now()), Env: "prod", Command: "apply", At: time.Now(), Targets: 4}
	l, err := CreateLedger(dir, head)
	if err != nil {
		t.Fatal(err)
	}
	targets := many(4, "a")
	for i, state := range []State{Done, Failed, UpToDate} {
		if err := l.Record(Outcome{Target: targets[i], State: state, Message: "line\nbreak"}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(l.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	// A crash leaves a line that was cut off.
	file, err := os.OpenFile(l.Path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"target":"a03","state":"do`); err != nil {
		t.Fatal(err)
	}
	file.Close()
	again, err := OpenLedger(dir, "", "prod", "apply", "")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(names(again.Left(targets, false)), " "); got != "a01 a03" {
		t.Errorf("left: %s", got)
	}
	if got := strings.Join(names(again.Left(targets, true)), " "); got != "a01" {
		t.Errorf("failed: %s", got)
	}
	if err := again.Record(Outcome{Target: targets[3], State: Done}, time.Now()); err != nil {
		t.Fatal(err)
	}
	again.Close()
	third, err := OpenLedger(dir, head.Run, "prod", "apply", "")
	if err != nil || strings.Join(names(third.Left(targets, false)), " ") != "a01" {
		t.Errorf("%v: %v", err, third.Left(targets, false))
	}
	third.Close()
	for _, wrong := range [][4]string{{head.Run, "staging", "apply", ""}, {"nothing", "prod", "apply", ""}, {"", "prod", "apply", "0/2"}} {
		if _, err := OpenLedger(dir, wrong[0], wrong[1], wrong[2], wrong[3]); err == nil {
			t.Errorf("%v is taken", wrong)
		}
	}
}

func TestJUnitIsXML(t *testing.T) {
	r := &Report{Stopped: "a target failed", Outcomes: []Outcome{
		{Target: Target{Name: `a"b<&>`}, State: Done}, {Target: Target{Name: "line\nbreak"}, State: Failed, Code: "step", Message: "end ]]> of\ndata"},
		{Target: Target{Name: "d"}, State: Differs, Message: "table x"}, {Target: Target{Name: "n"}, State: NotStarted},
	}}
	var b bytes.Buffer
	if err := WriteJUnit(&b, Head{Command: "apply", Env: "prod", At: time.Now()}, r, func(text string) string { return text }); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Cases []struct {
			Name string `xml:"name,attr"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatalf("%v:\n%s", err, b.String())
	}
	if len(doc.Cases) != 4 || doc.Cases[0].Name != `a"b<&>` || !strings.Contains(b.String(), `tests="4"`) || !strings.Contains(b.String(), `errors="1"`) {
		t.Errorf("%+v\n%s", doc, b.String())
	}
}
