package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// outcome is what came of one journey.
type outcome struct {
	Scenario string        `json:"scenario"`
	Recipe   string        `json:"recipe"`
	Title    string        `json:"title"`
	Version  string        `json:"version"`
	Rows     int           `json:"rows"`
	Files    []string      `json:"files,omitempty"`
	Phases   []phaseReport `json:"phases,omitempty"`
	Failures []failure     `json:"failures,omitempty"`
	Wrong    []string      `json:"wrong,omitempty"`
	// Refused is what pleat said where it does not plan the recipe, as the scenario expects; nothing was changed then.
	Refused string `json:"refused,omitempty"`
	Took    ms     `json:"took_ms"`
}

func (o *outcome) wrong(format string, args ...any) {
	o.Wrong = append(o.Wrong, fmt.Sprintf(format, args...))
}

// passed says nothing of times: they are for a person to judge, who knows what the machine was doing.
func (o *outcome) passed() bool { return len(o.Wrong) == 0 && len(o.Failures) == 0 }

// sums are the numbers of all phases together.
func (o *outcome) sums() (total phaseReport, slowest phaseReport) {
	for _, p := range o.Phases {
		total.Sent += p.Sent
		total.Failed += p.Failed
		total.Again += p.Again
		total.LockWait = max(total.LockWait, p.LockWait)
		total.Excess = max(total.Excess, p.Excess)
		if p.LockWait >= slowest.LockWait {
			slowest = p
		}
	}
	return total, slowest
}

func (o *outcome) verdict() string {
	switch {
	case len(o.Wrong) > 0:
		return "WRONG"
	case len(o.Failures) > 0:
		return "FAILED"
	case o.Refused != "":
		return "refused"
	}
	return "passed"
}

// line is the outcome on one line, for progress.
func (o *outcome) line() string {
	total, _ := o.sums()
	return fmt.Sprintf("%-7s %-4s %-40s %-6s %6d statements, %d failed, lock wait %.0f ms, %.1f s",
		o.verdict(), o.Recipe, o.Scenario, o.Version, total.Sent, total.Failed, total.LockWait, o.Took/1000)
}

// report writes the table, and below it what was wrong.
func report(out io.Writer, all []*outcome, budget time.Duration) {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "recipe\tscenario\tversion\trows\tstatements\tfailed\tprepared again\tlongest lock wait\texcess\texpand\tcontract\tverdict")
	for _, o := range all {
		total, worst := o.sums()
		wait := "-"
		if total.LockWait > 0 {
			wait = fmt.Sprintf("%.0f ms (%s)", total.LockWait, worst.Phase)
		}
		if total.LockWait > msOf(budget) {
			wait += " OVER"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s\t%.0f ms\t%s\t%s\t%s\n", o.Recipe, o.Scenario, o.Version, o.Rows, total.Sent,
			total.Failed, total.Again, wait, total.Excess, o.took("expand"), o.took("contract"), o.verdict())
	}
	_ = w.Flush() // as with the lines beside it, what cannot be printed is lost
	for _, o := range all {
		if total, worst := o.sums(); total.LockWait > msOf(budget) {
			fmt.Fprintf(out, "\n%s on %s: a client waited %.0f ms in %s, over the budget of %s: %s\n",
				o.Scenario, o.Version, total.LockWait, worst.Phase, budget, worst.Behind)
		}
		if o.passed() {
			continue
		}
		fmt.Fprintf(out, "\n%s %s on %s\n", o.verdict(), o.Scenario, o.Version)
		for _, text := range o.Wrong {
			fmt.Fprintln(out, "  "+strings.ReplaceAll(text, "\n", "\n    "))
		}
		for _, f := range o.Failures[:min(len(o.Failures), 8)] {
			fmt.Fprintf(out, "  %d times in %s, %s code, %s %s\n    %s\n", f.Times, f.Phase, f.Code, f.SQLState, f.Message, f.Statement)
		}
	}
}

// took is how long a phase was; "-" where there was none.
func (o *outcome) took(phase string) string {
	i := slices.IndexFunc(o.Phases, func(p phaseReport) bool { return p.Phase == phase })
	if i < 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f s", o.Phases[i].Took/1000)
}

// saveLines writes each outcome as one line of JSON.
func saveLines(path string, all []*outcome) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("save outcomes: %w", err)
	}
	encoder := json.NewEncoder(f)
	encoder.SetEscapeHTML(false)
	for _, o := range all {
		if err := encoder.Encode(o); err != nil {
			f.Close()
			return fmt.Errorf("save outcomes: %w", err)
		}
	}
	return f.Close()
}
