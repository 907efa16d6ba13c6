package event

import (
	"errors"
	"fmt"
	"time"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

// often is how often the progress of a step in batches is told.
const often = 5 * time.Second

// translate gives the published form; ok is false for what is not worth an event.
func (t *Teller) translate(e apply.Event) (out Event, ok bool) {
	switch e := e.(type) {
	case apply.RunStarted:
		return t.runStarted(e), true
	case apply.Finished:
		return t.finished(e), true
	case apply.MigrationStarted:
		return t.migrationStarted(e), true
	case apply.MigrationDone:
		out = Event{Type: TypeMigrationDone, Message: e.Migration.File() + " is done", Back: e.Back, Milliseconds: e.Duration.Milliseconds()}
		out.Migration = t.of(e.Migration)
	case apply.StepStarted:
		out = Event{Type: TypeStepStarted, Level: "debug", Message: view.StepName(e.Step, e.Back) + " begins", Step: e.Step, Title: e.Title, Back: e.Back}
		out.Migration = t.of(e.Migration)
	case apply.StepRetried:
		return t.stepRetried(e), true
	case apply.StepDone:
		out = Event{Type: TypeStepDone, Message: view.StepName(e.Step, e.Back) + " is done", Step: e.Step, Back: e.Back,
			Milliseconds: e.Duration.Milliseconds(), Attempt: e.Attempts, LockWaitMS: e.LockWait.Milliseconds()}
		out.Migration = t.of(e.Migration)
	case apply.BatchDone:
		return t.batchDone(e)
	case apply.Throttled:
		return t.throttled(e), true
	case apply.LockWaiting:
		out = Event{Type: TypeLockWaiting, Level: "warn", Message: "another run holds the lock", Holder: e.Holder.String(), LockWaitMS: e.Waited.Milliseconds()}
	case apply.Checked:
		return t.checked(e)
	case apply.DriftSeen:
		out = Event{Type: TypeDriftSeen, Level: "warn", Message: "objects changed outside of pleat since its last run", Objects: names(e.Objects)}
	case apply.Warned:
		out = Event{Type: TypeWarning, Level: "warn", Message: e.Message, Migration: t.migration}
	case apply.Interrupted:
		out = Event{Type: TypeWarning, Level: "warn", Message: "the run was asked to stop", Migration: t.migration}
	case apply.Noticed:
		out = Event{Type: TypeNotice, Message: e.Message, Title: e.Severity, Migration: t.migration}
	default:
		out = t.translateWaits(e)
	}
	return out, out.Type != ""
}

func (t *Teller) runStarted(e apply.RunStarted) Event {
	t.run, t.migration = e.Run, nil
	out := Event{Type: TypeRunStarted, Message: "the run begins"}
	for _, m := range e.Pending {
		out.Objects = append(out.Objects, m.File())
	}
	return out
}

func (t *Teller) finished(e apply.Finished) Event {
	direction := view.Forward
	if t.back {
		direction = view.Back
	}
	out := Event{Type: TypeRunFinished, Message: "the run is complete", Result: view.NewRun(t.about.Database, direction, e.Result)}
	out.Result.Version, out.Result.Command = view.ShapeVersion, t.about.Command
	for _, o := range e.Result.Done {
		out.Milliseconds += o.Duration.Milliseconds()
	}
	if e.Result.Run == "" {
		out.Type, out.Message = TypeRunIdle, "there is nothing to run"
		if e.Result.DryRun {
			out.Message = "nothing was changed (dry run)"
		}
	}
	t.migration, t.back = nil, false
	return out
}

func (t *Teller) migrationStarted(e apply.MigrationStarted) Event {
	t.migration, t.back, t.progress = shapeOf(e.Migration), e.Back, time.Time{}
	t.migration.Index, t.migration.Of = e.Index, e.Of
	doing := "applying "
	if e.Back {
		doing = "rolling back "
	}
	return Event{Type: TypeMigrationStarted, Message: doing + e.Migration.File(), Migration: t.migration, Back: e.Back}
}

func (t *Teller) stepRetried(e apply.StepRetried) Event {
	return Event{
		Type: TypeStepRetried, Level: "warn", Migration: t.of(e.Migration), Step: e.Step, Back: t.back, Attempt: e.Attempt, SQLState: e.SQLState,
		TimeoutMS: e.Timeout.Milliseconds(), PauseMS: e.Pause.Milliseconds(),
		Message: fmt.Sprintf("%s did not get its locks within %s", view.StepName(e.Step, t.back), e.Timeout),
	}
}

// batchDone is told every few seconds, since there can be many thousands.
func (t *Teller) batchDone(e apply.BatchDone) (Event, bool) {
	now := t.now()
	if !e.Complete && now.Sub(t.progress) < often {
		return Event{}, false
	}
	t.progress = now
	return Event{
		Type: TypeStepProgress, Migration: t.of(e.Migration), Step: e.Step, Rows: e.Rows, Batches: e.Batches, Estimate: e.Estimate,
		Percent: e.Percent(), Objects: []string{e.Relation}, Message: fmt.Sprintf("step %d changed %d rows so far", e.Step, e.Rows),
	}, true
}

func (t *Teller) throttled(e apply.Throttled) Event {
	message := "goes on"
	if e.By != "" {
		message = "waits: " + e.By
	}
	return Event{
		Type: TypeStepThrottled, Migration: t.of(e.Migration), Step: e.Step, Milliseconds: e.Waited.Milliseconds(),
		Message: fmt.Sprintf("step %d %s", e.Step, message),
	}
}

// checked leaves out checks that found nothing.
func (t *Teller) checked(e apply.Checked) (Event, bool) {
	if e.Count == 0 && e.Reason() == "" {
		return Event{}, false
	}
	out := Event{Type: TypeCheckFound, Level: "warn", Migration: t.of(e.Migration), Step: e.Step, Title: e.Message, Count: e.Count, Message: e.Amount() + " stand in the way"}
	if e.Count == 0 {
		out.Level, out.Message = "info", "a check was put off: "+e.Reason()
	}
	return out, true
}

// of is the migration as the run numbered it.
func (t *Teller) of(m *migration.Migration) *Migration {
	if t.migration != nil && m != nil && t.migration.File == m.File() {
		return t.migration
	}
	if m == nil {
		return nil
	}
	return shapeOf(m)
}

func shapeOf(m *migration.Migration) *Migration {
	return &Migration{File: m.File(), Version: m.Version, Name: m.Name, Phase: string(m.Phase)}
}

func names(ids []schema.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}

func stepOf(err error) int {
	var step *apply.StepError
	if errors.As(err, &step) {
		return step.Step
	}
	return 0
}
