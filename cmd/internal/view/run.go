package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history/migration"
)

// The directions of a run.
const (
	Forward = "forward"
	Back    = "back"
	Again   = "redo"
)

// NewRun turns the result of a run into its published shape.
func NewRun(database, direction string, r *apply.Result) *Run {
	d := &Run{
		Database: database, Run: r.Run, Direction: direction, DryRun: r.DryRun,
		Done: []Migration{}, Pending: []Migration{}, Held: []Held{}, Checks: []Offence{}, Deferred: []Offence{}, Drift: []string{},
	}
	for _, o := range r.Done {
		m := migrationShape(o.Migration, direction)
		m.Steps, m.Milliseconds = o.Steps, o.Duration.Milliseconds()
		d.Done = append(d.Done, m)
	}
	for _, m := range r.Pending {
		d.Pending = append(d.Pending, migrationShape(m, direction))
	}
	d.Held = append(d.Held, heldShapes(r.Held)...)
	for _, c := range r.Checks {
		d.Checks = append(d.Checks, offence(c))
	}
	for _, c := range r.Deferred {
		d.Deferred = append(d.Deferred, offence(c))
	}
	for _, id := range r.Drift {
		d.Drift = append(d.Drift, id.String())
	}
	return d
}

func migrationShape(m *migration.Migration, direction string) Migration {
	out := Migration{
		File: m.File(), Version: m.Version, Name: m.Name, Phase: string(m.Phase), Steps: len(m.Steps), Destroys: []string{},
	}
	if direction == Forward {
		out.Destroys = append(out.Destroys, m.Destructive...)
		return out
	}
	for _, u := range m.Down {
		out.Destroys = append(out.Destroys, u.Loses...)
	}
	return out
}

func offence(c apply.Checked) Offence {
	return Offence{
		File: c.Migration.File(), Step: c.Step, Message: c.Message, Count: c.Count, AtLeast: c.AtLeast && c.Count > 0, Rows: append([]string{}, c.Rows...),
		Reason: c.Reason(),
	}
}

func heldShapes(held []apply.Held) []Held {
	out := make([]Held, len(held))
	for i, h := range held {
		out[i] = Held{h.Migration.File(), h.Code, h.Reason}
	}
	return out
}

// amount is how many rows were found, in words.
func (o Offence) amount() string {
	if o.AtLeast {
		return "at least " + plural(int(o.Count), "row")
	}
	return plural(int(o.Count), "row")
}

func (d *Run) text(p *page) {
	for _, h := range d.Held {
		p.styledf(yellow, "held: %s: %s", h.File, h.Reason)
	}
	if d.DryRun {
		d.rehearsal(p)
		return
	}
	if len(d.Done) == 0 {
		p.linef("Nothing to do. %s has every migration that may run.", databaseName(d.Database))
		return
	}
	p.styledf(bold, "%s %s (run %s).", map[string]string{Forward: "Applied", Back: "Rolled back", Again: "Redid"}[d.Direction],
		plural(len(d.Done), "migration"), d.Run)
}

// rehearsal tells what a dry run found.
func (d *Run) rehearsal(p *page) {
	if len(d.Pending) == 0 {
		p.linef("Nothing to do. Nothing was changed (dry run).")
		return
	}
	d.plans(p)
	p.linef("Nothing was changed (dry run).")
}

// plans lists what would run, and what stands in the way or is lost.
func (d *Run) plans(p *page) {
	p.linef("%s, in this order:", map[string]string{Forward: "Would apply", Back: "Would roll back", Again: "Would redo"}[d.Direction])
	for _, m := range d.Pending {
		p.linef("  %s (%s)", m.File, plural(m.Steps, "step"))
	}
	for _, c := range d.Checks {
		p.styledf(red, "  in the way: %s, step %d: %s: %s, such as %s", c.File, c.Step, c.Message, c.amount(), strings.Join(c.Rows, ", "))
	}
	for _, c := range d.Deferred {
		p.linef("  not checked yet: %s, step %d: %s: %s", c.File, c.Step, c.Message, c.Reason)
	}
	for _, m := range d.Pending {
		for _, loss := range m.Destroys {
			p.styledf(red, "  destructive: %s (%s)", loss, m.File)
		}
	}
}

// Observe tells the progress of a run on standard error; it implements [apply.Observer].
func (v *View) Observe(e apply.Event) {
	switch e := e.(type) {
	case apply.LockWaiting:
		v.progress(fmt.Sprintf("waiting for another run to end (%s), %s so far", e.Holder, e.Waited.Round(time.Second)))
	case apply.MigrationStarted:
		v.migrationStarted(e)
	case apply.StepStarted:
		if e.Title != "" {
			v.progress(fmt.Sprintf("  %s: %s", StepName(e.Step, e.Back), e.Title))
		} else {
			v.progress(fmt.Sprintf("  %s: %s", StepName(e.Step, e.Back), plural(len(e.Statements), "statement")))
		}
	case apply.StepRetried:
		v.retried(e)
	case apply.Blocked:
		v.blocked(e)
	case apply.Progressed:
		v.progressed(e)
	case apply.BlockerEnded:
		v.blockerEnded(e)
	case apply.BatchDone:
		v.batchDone(e)
	case apply.Throttled:
		v.throttled(e)
	case apply.StepDone:
		if e.Settled {
			v.progress(fmt.Sprintf("  %s was done already by the interrupted run", StepName(e.Step, e.Back)))
		}
	case apply.MigrationDone:
		v.progress(fmt.Sprintf("  done in %s", e.Duration.Round(time.Millisecond)))
	case apply.Noticed:
		v.progress(fmt.Sprintf("  %s: %s", strings.ToLower(e.Severity), e.Message))
	case apply.Warned:
		v.warn(e.Message)
	case apply.Interrupted:
		v.interrupted(e)
	case apply.DriftSeen:
		for _, id := range e.Objects {
			v.warn(id.String() + " changed outside of pleat since its last run")
		}
	}
}

func (v *View) migrationStarted(e apply.MigrationStarted) {
	doing := "applying"
	if e.Back {
		doing = "rolling back"
	}
	text := fmt.Sprintf("%s %s (%d of %d)", doing, e.Migration.File(), e.Index, e.Of)
	if e.StepsDone > 0 && !e.Back {
		text += fmt.Sprintf(", going on after step %d", e.StepsDone)
	}
	v.progress(text)
	if !e.Back && slices.ContainsFunc(e.Migration.Steps, func(s migration.Step) bool { return s.Wrapped }) {
		v.progress("  its BEGIN and COMMIT are the transaction of the step, which pleat opens and ends")
	}
}

// StepName says which step it is, or which part of the way back; step 0 is a way back that is not divided.
func StepName(step int, back bool) string {
	switch {
	case back && step == 0:
		return "the way back"
	case back:
		return fmt.Sprintf("undo %d", step)
	}
	return fmt.Sprintf("step %d", step)
}

// Preview shows what would run, before a person is asked.
func (v *View) Preview(d *Run) {
	v.console(func(p *page) {
		for _, h := range d.Held {
			p.styledf(yellow, "held: %s: %s", h.File, h.Reason)
		}
		d.plans(p)
	})
}
