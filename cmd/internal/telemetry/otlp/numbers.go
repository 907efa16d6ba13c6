package otlp

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/pleatdb/pleat/cmd/internal/event"
)

// numbers are the metrics of a command.
type numbers struct {
	begin                       time.Time
	about                       attribute.Set
	runs, retries               metric.Int64Counter
	run, migration, step, locks metric.Float64Histogram
}

func newNumbers(m metric.Meter, o Options) (*numbers, error) {
	n := &numbers{begin: o.Begin, about: attribute.NewSet(
		attribute.String("db.system.name", "postgresql"), attribute.String("db.namespace", o.Database),
		attribute.String("pleat.command", o.Command), attribute.String("pleat.environment", o.Environment), attribute.String("pleat.target", o.Target),
	)}
	var errs [6]error
	seconds := metric.WithUnit("s")
	n.runs, errs[0] = m.Int64Counter("pleat.runs", metric.WithDescription("runs, by outcome"))
	n.retries, errs[1] = m.Int64Counter("pleat.step.retries", metric.WithDescription("attempts of steps that did not get their locks"))
	n.run, errs[2] = m.Float64Histogram("pleat.run.duration", seconds)
	n.migration, errs[3] = m.Float64Histogram("pleat.migration.duration", seconds)
	n.step, errs[4] = m.Float64Histogram("pleat.step.duration", seconds)
	n.locks, errs[5] = m.Float64Histogram("pleat.step.lock_wait", seconds)
	return n, errors.Join(errs[:]...)
}

func (n *numbers) tell(e event.Event) {
	ctx := context.Background()
	with := metric.WithAttributeSet(n.about)
	took := float64(e.Milliseconds) / 1000
	switch e.Type {
	case event.TypeStepRetried:
		n.retries.Add(ctx, 1, with)
	case event.TypeStepDone:
		n.step.Record(ctx, took, with)
		if e.LockWaitMS > 0 {
			n.locks.Record(ctx, float64(e.LockWaitMS)/1000, with)
		}
	case event.TypeMigrationDone:
		n.migration.Record(ctx, took, with)
	case event.TypeRunFinished, event.TypeRunFailed:
		outcome := "finished"
		if e.Type == event.TypeRunFailed {
			outcome = "failed"
		}
		n.runs.Add(ctx, 1, with, metric.WithAttributes(attribute.String("outcome", outcome)))
		n.run.Record(ctx, e.Time.Sub(n.begin).Seconds(), with)
	}
}
