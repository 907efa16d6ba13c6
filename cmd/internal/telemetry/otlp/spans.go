package otlp

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/pleatdb/pleat/cmd/internal/event"
)

// spans turns events into the tree run, migration, step.
type spans struct {
	tracer          trace.Tracer
	root            context.Context // with the span of the command
	migration, step context.Context // with their spans; nil between two of them
	last            event.Event
}

func newSpans(parent context.Context, tracer trace.Tracer, o Options) *spans {
	s := &spans{tracer: tracer}
	s.root, _ = tracer.Start(parent, "pleat "+o.Command, trace.WithTimestamp(o.Begin), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("db.system.name", "postgresql"), attribute.String("db.namespace", o.Database),
		attribute.String("pleat.command", o.Command), attribute.String("pleat.environment", o.Environment), attribute.String("pleat.target", o.Target),
	))
	return s
}

func (s *spans) tell(e event.Event) {
	s.last = e
	switch e.Type {
	case event.TypeRunStarted:
		trace.SpanFromContext(s.root).SetAttributes(attribute.String("pleat.run", e.Run), attribute.String("pleat.release", e.Release),
			attribute.Int("pleat.migrations", len(e.Objects)))
	case event.TypeMigrationStarted:
		s.migration, _ = s.tracer.Start(s.root, "migration "+e.Migration.File, trace.WithTimestamp(e.Time), trace.WithAttributes(
			attribute.String("pleat.migration", e.Migration.Version), attribute.String("pleat.phase", e.Migration.Phase), attribute.Bool("pleat.back", e.Back)))
	case event.TypeMigrationDone:
		finish(&s.migration, e)
	case event.TypeStepStarted:
		s.begin(e)
	case event.TypeStepDone:
		if s.step != nil {
			trace.SpanFromContext(s.step).SetAttributes(attribute.Int64("pleat.lock_wait_ms", e.LockWaitMS), attribute.Int("pleat.attempts", e.Attempt))
		}
		finish(&s.step, e)
	case event.TypeStepRetried, event.TypeStepThrottled, event.TypeStepBlocked, event.TypeLockWaiting, event.TypeDriftSeen, event.TypeWarning, event.TypeHookFailed:
		trace.SpanFromContext(s.now()).AddEvent(e.Type, trace.WithTimestamp(e.Time), trace.WithAttributes(attribute.String("message", e.Message)))
	case event.TypeRunFailed:
		s.fail(e)
	}
}

func (s *spans) begin(e event.Event) {
	parent := s.migration
	if parent == nil {
		parent = s.root
	}
	name := fmt.Sprintf("step %d", e.Step)
	if e.Back {
		name = fmt.Sprintf("undo %d", e.Step)
	}
	s.step, _ = s.tracer.Start(parent, name, trace.WithTimestamp(e.Time), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("db.system.name", "postgresql"), attribute.Int("pleat.step", e.Step), attribute.String("pleat.title", e.Title)))
}

// now is the innermost span.
func (s *spans) now() context.Context {
	for _, ctx := range []context.Context{s.step, s.migration} {
		if ctx != nil {
			return ctx
		}
	}
	return s.root
}

// fail marks everything that is open as failed.
func (s *spans) fail(e event.Event) {
	for _, ctx := range []context.Context{s.step, s.migration, s.root} {
		if ctx == nil {
			continue
		}
		span := trace.SpanFromContext(ctx)
		span.SetStatus(codes.Error, cause(e))
		if e.SQLState != "" {
			span.SetAttributes(attribute.String("db.response.status_code", e.SQLState))
		}
		if e.Error != nil {
			span.SetAttributes(attribute.String("error.type", e.Error.Code))
		}
	}
	finish(&s.step, e)
	finish(&s.migration, e)
}

// end closes all that is open.
func (s *spans) end() {
	finish(&s.step, s.last)
	finish(&s.migration, s.last)
	finish(&s.root, s.last)
}

func finish(ctx *context.Context, e event.Event) {
	if *ctx == nil {
		return
	}
	var at []trace.SpanEndOption
	if !e.Time.IsZero() {
		at = append(at, trace.WithTimestamp(e.Time))
	}
	trace.SpanFromContext(*ctx).End(at...)
	*ctx = nil
}

// cause says why a run failed without the server's words, which can hold values of rows.
func cause(e event.Event) string {
	switch {
	case e.Error == nil:
		return e.Type
	case e.SQLState != "":
		return e.Error.Code + ", SQLSTATE " + e.SQLState
	}
	return e.Error.Code
}
