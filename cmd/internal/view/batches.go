package view

import (
	"fmt"
	"time"

	"github.com/pleatdb/pleat/apply"
)

// telling is how often the progress of a step in batches is told.
const telling = 5 * time.Second

// batchDone tells how far a step in batches is, every few seconds and at its end.
func (v *View) batchDone(e apply.BatchDone) {
	if e.Complete {
		v.progress(fmt.Sprintf("  %s: %s changed in %s", StepName(e.Step, false), plural(int(e.Rows), "row"), batchesOf(e.Batches)))
		v.batchTold = time.Time{}
		return
	}
	if v.batchTold.IsZero() {
		v.batchTold = time.Now()
	}
	if time.Since(v.batchTold) < telling {
		return
	}
	v.batchTold = time.Now()
	v.progress(fmt.Sprintf("  %s: %s", StepName(e.Step, false), progress(e)))
}

func batchesOf(n int64) string {
	if n == 1 {
		return "1 batch"
	}
	return fmt.Sprintf("%d batches", n)
}

// progress is one line about a step in batches.
func progress(e apply.BatchDone) string {
	text := fmt.Sprintf("%.1f %% of about %s, %s changed", e.Percent(), plural(int(e.Estimate), "row"), plural(int(e.Rows), "row"))
	if e.Estimate <= 0 {
		text = plural(int(e.Rows), "row") + " changed"
	}
	text += fmt.Sprintf(", %s a batch (%s)", plural(e.Size, "row"), e.Duration.Round(time.Millisecond))
	if e.Left > 0 {
		text += ", about " + e.Left.Round(time.Second).String() + " left"
	}
	return text + ", in " + e.Relation
}

// throttled tells what holds batches back.
func (v *View) throttled(e apply.Throttled) {
	if e.By == "" {
		v.progress(fmt.Sprintf("  %s goes on after %s", StepName(e.Step, false), e.Waited.Round(time.Second)))
		return
	}
	v.progress(fmt.Sprintf("  %s waits, %s so far: %s", StepName(e.Step, false), e.Waited.Round(time.Second), e.By))
}
