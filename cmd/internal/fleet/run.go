package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// State is how a target came out.
type State string

// The states of an outcome.
const (
	Done        State = "done"        // the command did its work, or found nothing wrong
	UpToDate    State = "up_to_date"  // there was nothing to do
	Differs     State = "differs"     // the command looked for differences and found some
	Failed      State = "failed"      // it ended with an error
	Interrupted State = "interrupted" // it was stopped in the middle
	NotStarted  State = "not_started" // a stop came before its turn
)

// Ended reports whether nothing is left to do for the target.
func (s State) Ended() bool { return s == Done || s == UpToDate || s == Differs }

// Outcome is how the command ended for a target.
type Outcome struct {
	Target Target
	State  State
	Canary bool
	Took   time.Duration
	// Code and Message say what failed, or in a few words what was done. They hold no secret.
	Code, Message string
	// Report is the command's own JSON.
	Report json.RawMessage
}

// Work does the command for one target. It is called by several goroutines, and never twice at once for one target.
type Work func(ctx context.Context, t Target) Outcome

// Options are what [Run] is told beside the targets.
type Options struct {
	Rollout Rollout
	// HostOf names the server of a target; targets of one server share its connections.
	HostOf func(Target) string
	// PerHost is how many targets of a server may be worked on at once; below 1 counts as 1. Asked once for each server.
	PerHost func(ctx context.Context, t Target) int
	// Await is called between the canaries and the rest; an error keeps the rest from starting. Nil waits for nothing.
	Await func(ctx context.Context) error
	// Tell is called with what people should know of the progress; one call at a time.
	Tell func(message string)
	// Ended is called with each outcome, one call at a time.
	Ended func(Outcome)
}

// Report is how a fleet came out.
type Report struct {
	// Outcomes are in the order of the targets given, canaries first.
	Outcomes []Outcome
	// Stopped says why not all was started; empty where all was.
	Stopped string
}

// Count is how many targets came out in a state.
func (r *Report) Count(s State) (n int) {
	for _, o := range r.Outcomes {
		if o.State == s {
			n++
		}
	}
	return n
}

// Run works on the canaries, waits, and works on the rest. Any failure of a canary stops it; of the rest as many may fail as the rollout
// says. It returns when all that was started has ended.
func Run(ctx context.Context, canaries, rest []Target, o Options, work Work) *Report {
	r := &runner{o: o, work: work, limits: map[string]int{}}
	report := &Report{}
	report.Stopped = r.stage(ctx, canaries, true, 0, report)
	if report.Stopped == "" && len(canaries) > 0 {
		r.tell(fmt.Sprintf("the canaries are done: %d", len(canaries)))
	}
	if report.Stopped == "" && o.Await != nil && len(rest) > 0 {
		if err := o.Await(ctx); err != nil {
			report.Stopped = err.Error()
		}
	}
	if report.Stopped == "" && (len(canaries) > 0 || o.Await != nil) && len(rest) > 0 {
		report.Stopped = r.pause(ctx)
	}
	if report.Stopped == "" {
		report.Stopped = r.stage(ctx, rest, false, o.Rollout.allowed(len(canaries)+len(rest)), report)
		return report
	}
	for _, t := range rest {
		report.Outcomes = append(report.Outcomes, r.end(Outcome{Target: t, State: NotStarted}))
	}
	return report
}

// runner carries a run out. Everything but the work itself happens in one goroutine.
type runner struct {
	o      Options
	work   Work
	limits map[string]int
}

func (r *runner) tell(message string) {
	if r.o.Tell != nil {
		r.o.Tell(message)
	}
}

func (r *runner) end(o Outcome) Outcome {
	if r.o.Ended != nil {
		r.o.Ended(o)
	}
	return o
}

// pause waits between the canaries and the rest.
func (r *runner) pause(ctx context.Context) (stopped string) {
	if r.o.Rollout.Pause == 0 {
		return ""
	}
	r.tell(fmt.Sprintf("waiting for %s before the rest", r.o.Rollout.Pause))
	timer := time.NewTimer(r.o.Rollout.Pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return "it was interrupted between the canaries and the rest"
	case <-timer.C:
		return ""
	}
}

// ended is the outcome of the target at an index.
type ended struct {
	index   int
	outcome Outcome
}

// stage works on targets, as many at once as the rollout and their servers allow. Above allowed failures nothing more is started;
// allowed below 0 is no limit.
func (r *runner) stage(ctx context.Context, targets []Target, canary bool, allowed int, report *Report) (stopped string) {
	outcomes := make([]Outcome, len(targets))
	started := make([]bool, len(targets))
	onHost, running, failures := map[string]int{}, 0, 0
	results := make(chan ended)
	for {
		if ctx.Err() != nil && stopped == "" {
			stopped = "it was interrupted"
		}
		for stopped == "" && running < r.o.Rollout.parallel() {
			i := r.next(ctx, targets, started, onHost)
			if i < 0 {
				break
			}
			started[i] = true
			running++
			onHost[r.o.HostOf(targets[i])]++
			go func() { results <- ended{i, r.timed(ctx, targets[i])} }()
		}
		if running == 0 {
			break
		}
		e := <-results
		running--
		onHost[r.o.HostOf(e.outcome.Target)]--
		e.outcome.Canary = canary
		outcomes[e.index] = r.end(e.outcome)
		if !e.outcome.State.Ended() {
			failures++
		}
		if allowed >= 0 && failures > allowed && stopped == "" && ctx.Err() == nil {
			stopped = reason(canary, failures, allowed)
		}
	}
	for i := range targets {
		if !started[i] {
			outcomes[i] = r.end(Outcome{Target: targets[i], State: NotStarted, Canary: canary})
		}
	}
	report.Outcomes = append(report.Outcomes, outcomes...)
	return stopped
}

func reason(canary bool, failures, allowed int) string {
	switch {
	case canary:
		return "a canary failed"
	case allowed == 0:
		return "a target failed"
	}
	return fmt.Sprintf("%d targets failed, and %d may", failures, allowed)
}

// next is the first target that may start; -1 where none may now.
func (r *runner) next(ctx context.Context, targets []Target, started []bool, onHost map[string]int) int {
	for i, t := range targets {
		if started[i] {
			continue
		}
		host := r.o.HostOf(t)
		if _, known := r.limits[host]; !known {
			r.limits[host] = max(r.o.PerHost(ctx, t), 1)
		}
		if onHost[host] < r.limits[host] {
			return i
		}
	}
	return -1
}

func (r *runner) timed(ctx context.Context, t Target) Outcome {
	begin := time.Now()
	o := r.work(ctx, t)
	o.Target, o.Took = t, time.Since(begin)
	return o
}
