package trend

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/pleatdb/pleat/history"
)

// The ends of a run.
const (
	Finished = "finished"
	Failed   = "failed"
	// Open is a run without an end in the log.
	Open = "open"
)

// Run is one run in the log.
type Run struct {
	ID      string
	At      time.Time
	Command string
	Outcome string
	// Duration is from its first row to its last; 0 for an open one.
	Duration time.Duration
	// Migrations were applied or taken back.
	Migrations int
	// LockWait is the time before the last attempts of its steps, and Retries how many attempts got no locks.
	LockWait time.Duration
	Retries  int
}

// Kind sums up migrations of one phase.
type Kind struct {
	// Phase is expand, contract, or plain where a file has no phase.
	Phase           string
	Count           int
	Median, Longest time.Duration
	LockWait        time.Duration
}

// Repeated is a migration that this database applied more than once.
type Repeated struct {
	Version, Name string
	// Durations are those of each time, oldest first.
	Durations []time.Duration
	// Slower is set when the last took more than twice as long as the median of those before, and a second longer.
	Slower bool
}

// Week counts the migrations applied in a week.
type Week struct {
	Monday time.Time
	Count  int
}

// Trend is what the log says of the runs that were looked at.
type Trend struct {
	Runs []Run
	// Of is how many runs the log has.
	Of       int
	Kinds    []Kind
	Repeated []Repeated
	Weeks    []Week
}

// applied is a migration in a run.
type applied struct {
	version, name, phase string
	at                   time.Time
	took, waited         time.Duration
	complete             bool
}

// Of looks at the newest runs, at most last.
func Of(entries []history.Entry, last int) *Trend {
	runs, done := collect(entries)
	t := &Trend{Of: len(runs)}
	cut := max(len(runs)-last, 0)
	kept := map[string]bool{}
	for _, r := range runs[cut:] {
		t.Runs = append(t.Runs, *r)
		kept[r.ID] = true
	}
	var list []*applied
	for _, d := range done {
		if kept[d.run] && d.complete {
			list = append(list, d.applied)
		}
	}
	t.Kinds, t.Repeated, t.Weeks = kinds(list), repeated(list), weeks(list)
	return t
}

// inRun is a migration with its run.
type inRun struct {
	run string
	*applied
}

// collect goes through the log once. Runs and migrations come in the order in which they began.
func collect(entries []history.Entry) (runs []*Run, done []inRun) {
	byID := map[string]*Run{}
	of := map[[2]string]*applied{}
	for i := range entries {
		e := &entries[i]
		if e.Kind == history.RunStarted {
			command, _ := e.Detail["command"].(string)
			r := &Run{ID: e.Run, At: e.At, Command: command, Outcome: Open}
			byID[e.Run] = r
			runs = append(runs, r)
		}
		r := byID[e.Run]
		if r == nil {
			continue
		}
		switch e.Kind {
		case history.RunFinished, history.RunFailed:
			r.Outcome, r.Duration = Finished, e.At.Sub(r.At)
			if e.Kind == history.RunFailed {
				r.Outcome = Failed
			}
		case history.RolledBack:
			r.Migrations++
		case history.UndoDone:
			r.wait(e)
		case history.StepDone, history.Applied:
			key := [2]string{e.Run, e.Version}
			if of[key] == nil {
				of[key] = &applied{version: e.Version, name: e.Name, phase: string(e.Phase), at: e.At}
				done = append(done, inRun{e.Run, of[key]})
			}
			of[key].take(r, e)
		}
	}
	return runs, done
}

// take adds what a row says of a migration on its way forward.
func (a *applied) take(r *Run, e *history.Entry) {
	if e.Kind == history.StepDone {
		a.took += e.Duration
		a.waited += r.wait(e)
		return
	}
	r.Migrations++
	a.at, a.complete = e.At, true
	a.took = max(a.took, e.Duration) // the row of a migration knows the time between its steps; that of its last step alone does not
}

// wait adds what a step waited for its locks.
func (r *Run) wait(e *history.Entry) time.Duration {
	waited := time.Duration(number(e, "lock_wait_ms")) * time.Millisecond
	r.LockWait += waited
	r.Retries += int(max(number(e, "attempts")-1, 0))
	return waited
}

func number(e *history.Entry, key string) int64 {
	n, ok := e.Detail[key].(json.Number)
	if !ok {
		return 0
	}
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return i
}

func kinds(list []*applied) []Kind {
	took := map[string][]time.Duration{}
	waited := map[string]time.Duration{}
	for _, a := range list {
		phase := cmp.Or(a.phase, "plain")
		took[phase] = append(took[phase], a.took)
		waited[phase] += a.waited
	}
	var out []Kind
	for _, phase := range slices.Sorted(maps.Keys(took)) {
		all := took[phase]
		out = append(out, Kind{Phase: phase, Count: len(all), Median: Median(all), Longest: slices.Max(all), LockWait: waited[phase]})
	}
	return out
}

func repeated(list []*applied) (out []Repeated) {
	byVersion := map[string]*Repeated{}
	var order []string
	for _, a := range list {
		r := byVersion[a.version]
		if r == nil {
			r = &Repeated{Version: a.version, Name: a.name}
			byVersion[a.version] = r
			order = append(order, a.version)
		}
		r.Durations = append(r.Durations, a.took)
	}
	for _, version := range order {
		r := byVersion[version]
		n := len(r.Durations)
		if n < 2 {
			continue
		}
		before, last := Median(r.Durations[:n-1]), r.Durations[n-1]
		r.Slower = last > 2*before && last-before > time.Second
		out = append(out, *r)
	}
	return out
}

// weeks counts from the week of the first migration to that of the last, those without any included; at most the last year.
func weeks(list []*applied) []Week {
	if len(list) == 0 {
		return nil
	}
	count := map[time.Time]int{}
	first, last := monday(list[0].at), monday(list[0].at)
	for _, a := range list {
		week := monday(a.at)
		count[week]++
		if week.Before(first) {
			first = week
		}
		if week.After(last) {
			last = week
		}
	}
	const most = 53
	if from := last.AddDate(0, 0, -7*(most-1)); from.After(first) {
		first = from
	}
	var out []Week
	for week := first; !week.After(last); week = week.AddDate(0, 0, 7) {
		out = append(out, Week{week, count[week]})
	}
	return out
}

// monday is the first day of a week, in UTC.
func monday(at time.Time) time.Time {
	at = at.UTC()
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}

// Median is the middle of some durations, the longer of two middles; 0 of none.
func Median(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
