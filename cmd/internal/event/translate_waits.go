package event

import (
	"fmt"
	"time"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

// translateWaits gives the published form of what is told while a run waits, or is asked to stop.
func (t *Teller) translateWaits(e apply.Event) (out Event) {
	switch e := e.(type) {
	case apply.Blocked:
		out = Event{Type: TypeStepBlocked, Level: "warn", Migration: t.of(e.Migration), Step: e.Step, Back: e.Back, Count: int64(e.Behind),
			LockWaitMS: e.Waited.Milliseconds(), Title: e.Mode, Message: view.StepName(e.Step, e.Back) + " waits for others", Objects: relationOf(e.On)}
		for _, b := range e.Blockers {
			out.Blockers = append(out.Blockers, b.String())
		}
	case apply.Progressed:
		out = Event{Type: TypeStepProgress, Migration: t.of(e.Migration), Step: e.Step, Back: e.Back, Title: e.Phase, Rows: e.Done, Estimate: e.Total,
			Count: int64(e.Behind), Milliseconds: e.Elapsed.Milliseconds(), Message: view.StepName(e.Step, e.Back) + " works"}
		if e.Total > 0 {
			out.Percent = 100 * float64(e.Done) / float64(e.Total)
		}
	case apply.BlockerEnded:
		did := "cancelled"
		if e.Terminated {
			did = "ended"
		}
		out = Event{Type: TypeBlockerEnded, Level: "warn", Migration: t.of(e.Migration), Step: e.Step, Blockers: []string{e.Blocker.String()},
			Message: did + " a session that stood in the way"}
	case apply.Interrupted:
		out = Event{Type: TypeRunInterrupted, Level: "warn", Migration: t.migration,
			Message: fmt.Sprintf("the run was asked to stop, and does within %s", e.Grace.Round(time.Second))}
	}
	return out
}

func relationOf(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}
