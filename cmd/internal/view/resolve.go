package view

import (
	"errors"
	"fmt"
	"time"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history"
)

// NewResolution turns what is known of a step in doubt into its published shape.
func NewResolution(database string, d *apply.InDoubt) *Resolution {
	out := &Resolution{
		Database: database, File: d.Migration.File(), Version: d.Migration.Version, Step: d.Step, Part: d.Part, Back: d.Back, SQL: d.Statement.SQL,
		At: d.At.UTC(), By: d.Actor, Host: d.Client.Host, Run: d.Run, StepsDone: d.StepsDone, Steps: len(d.Migration.Steps), Next: "pleat apply",
	}
	if d.Back {
		out.Next = "pleat rollback --steps 1"
	}
	return out
}

// Say adds what a person said.
func (d *Resolution) Say(done bool, reason string) {
	d.Outcome, d.Reason = history.ResolvedNotDone, reason
	if done {
		d.Outcome = history.ResolvedDone
	}
}

// known shows what is known.
func (d *Resolution) known(p *page) {
	p.linef("%s: %s is in doubt.", d.File, StepName(d.Step, d.Back))
	p.block(plain, "  ", d.SQL)
	who := d.By
	if d.Host != "" {
		who += " on " + d.Host
	}
	p.linef("  about to be sent at %s by %s (run %s); its end is not in the log, and nothing in the database tells whether it took effect", d.At.Format(time.RFC3339), who, d.Run)
	p.linef("  %d of %s of the file are in the database beside it", d.StepsDone, plural(d.Steps, "step"))
}

func (d *Resolution) text(p *page) {
	if d.Outcome == "" {
		d.known(p)
		p.linef("Look whether it took effect, then say so: pleat resolve %s --step %d --done --reason \"…\", or --not-done", d.Version, d.Step)
		return
	}
	what := map[string]string{history.ResolvedDone: "took effect", history.ResolvedNotDone: "had no effect"}[d.Outcome]
	p.styledf(bold, "Recorded: %s of %s %s (%s).", StepName(d.Step, d.Back), d.File, what, d.Reason)
	p.linef("%d of %s of the file are in the database. Go on with: %s", d.StepsDone, plural(d.Steps, "step"), d.Next)
}

// PreviewResolution shows what is known of a step, before a person is asked.
func (v *View) PreviewResolution(d *Resolution) { v.console(d.known) }

// failedStep is the published shape of a step's error.
func failedStep(e *apply.StepError) *FailedStep {
	out := &FailedStep{
		Number: e.Step, Title: e.Title, Back: e.Back, StepsDone: e.StepsDone, Steps: len(e.Migration.Steps), Unknown: e.Unknown, Settling: e.Settling,
		Rows: e.Rows, Batches: e.Batches, Interrupted: e.Interrupted, NotRun: []string{},
	}
	for _, m := range e.NotRun {
		out.NotRun = append(out.NotRun, m.File())
	}
	var spent *apply.LockBudgetError
	if errors.As(e, &spent) {
		for _, b := range spent.Blockers {
			out.Blockers = append(out.Blockers, b.String())
		}
	}
	return out
}

func (v *View) interrupted(e apply.Interrupted) {
	v.Warn(fmt.Sprintf("interrupted: the running statement may end within %s, then it is cancelled; a second signal stops at once", e.Cancel.Round(time.Millisecond)))
}

// Doubt adds the steps that nothing tells about, with the command that settles them.
func (d *Status) Doubt(problems []error) {
	for _, err := range problems {
		var refused *apply.Refused
		if errors.As(err, &refused) && refused.Code == "in_doubt" {
			d.Problems = append(d.Problems, refused.Error())
		}
	}
}
