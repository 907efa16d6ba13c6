package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/pleatdb/pleat/apply"
)

// mostShown is how many of those who stand in the way are shown.
const mostShown = 5

// blocked tells who stands in the way of a step's locks.
func (v *View) blocked(e apply.Blocked) {
	v.progress("  " + StepName(e.Step, e.Back) + " " + blockedText(e))
}

func blockedText(e apply.Blocked) string {
	who := make([]string, 0, len(e.Blockers))
	for i, b := range e.Blockers {
		if i == mostShown {
			who = append(who, fmt.Sprintf("and %d more", len(e.Blockers)-i))
			break
		}
		who = append(who, oneLine(b.String()))
	}
	by := strings.Join(who, "; ")
	var text string
	switch {
	case e.On == "":
		text = "will have to wait for " + by
	case e.Mode == "":
		text = "will wait for " + oneLine(e.On) + ": " + by
	default:
		text = fmt.Sprintf("waits for a lock (%s) on %s, %s so far", e.Mode, oneLine(e.On), e.Waited.Round(100*time.Millisecond))
		if by != "" {
			text += ": blocked by " + by
		}
	}
	if e.Behind > 0 {
		text += fmt.Sprintf("; %s behind it", waiting(e.Behind))
	}
	return text
}

func waiting(n int) string {
	if n == 1 {
		return "1 session waits"
	}
	return fmt.Sprintf("%d sessions wait", n)
}

// progressed tells how far a long statement is.
func (v *View) progressed(e apply.Progressed) {
	text := fmt.Sprintf("  %s works, %s so far", StepName(e.Step, e.Back), e.Elapsed.Round(time.Second))
	switch {
	case e.Phase == "":
		text += " (the server does not say how far it is)"
	case e.Total > 0:
		text += fmt.Sprintf(": %s, %d of %d %s (%d %%)", oneLine(e.Phase), e.Done, e.Total, e.Unit, 100*e.Done/e.Total)
	default:
		text += ": " + oneLine(e.Phase)
	}
	if e.Behind > 0 {
		text += fmt.Sprintf("; %s for it", waiting(e.Behind))
	}
	v.progress(text)
}

// blockerEnded tells that a session of somebody else was ended; it is also among the notes of the result.
func (v *View) blockerEnded(e apply.BlockerEnded) {
	did := "cancelled"
	if e.Terminated {
		did = "ended"
	}
	v.warn(fmt.Sprintf("%s %s, which stood in the way of %s", did, oneLine(e.Blocker.String()), StepName(e.Step, false)))
}

// retried tells that an attempt did not get its locks.
func (v *View) retried(e apply.StepRetried) {
	text := fmt.Sprintf("  %s did not get its locks within %s (%s)", StepName(e.Step, false), e.Timeout, e.SQLState)
	switch {
	case e.Tripped != "":
		text = fmt.Sprintf("  %s gave up waiting for its locks, because %s", StepName(e.Step, false), e.Tripped)
	case e.Timeout == 0:
		text = fmt.Sprintf("  %s was cancelled or met a deadlock (%s)", StepName(e.Step, false), e.SQLState)
	}
	if e.Behind > 0 {
		text += fmt.Sprintf(", with %s behind it", plural(e.Behind, "session"))
	}
	v.progress(text + "; trying again in " + e.Pause.Round(time.Millisecond).String())
}
