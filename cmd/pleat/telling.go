package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/config"
	"github.com/pleatdb/pleat/cmd/internal/event"
	"github.com/pleatdb/pleat/cmd/internal/notify"
	"github.com/pleatdb/pleat/cmd/internal/telemetry/otlp"
	"github.com/pleatdb/pleat/cmd/internal/telemetry/textfile"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

// farewell is how long the end of a command waits for those who are still to be told.
const farewell = 5 * time.Second

// telling is who is told of one run, and what runs beside it.
type telling struct {
	project *project
	teller  *event.Teller
	// last is the newest event about the run as a whole, for hooks.
	last      event.Event
	hooks     []*config.Hook
	upcoming  apply.Upcoming
	notifiers []*notify.Notifier
	metrics   *textfile.Recorder
	traces    *otlp.Exporter
	// abort is closed when everything is to end at once.
	abort <-chan struct{}
}

// telling reads who is to be told of a run. A dry run tells the logs alone, and has no hooks.
func (p *project) telling(a attended) (*telling, error) {
	t := &telling{project: p, abort: a.options.Abort}
	about := event.Context{
		Command: commandOf(a.doing), Database: p.database(), Environment: p.env.Name, Release: a.options.Release, Tool: p.app.tool(),
	}
	if p.place != nil {
		about.Target = p.place.Name
	}
	sinks := []event.Sink{&p.app.log, event.Only(event.SinkFunc(func(e event.Event) { t.last = e }),
		[]string{event.TypeRunStarted, event.TypeRunFinished, event.TypeRunIdle, event.TypeRunFailed})}
	if !a.options.DryRun {
		begin := p.app.now()
		for _, add := range []func(event.Context, time.Time) ([]event.Sink, hcl.Diagnostics){t.addNotifiers, t.addMetrics, t.addTraces} {
			more, diags := add(about, begin)
			p.app.streams.Hide(p.config.Secrets()...)
			if diags.HasErrors() {
				return nil, &view.DiagnosticsError{Diags: diags, Files: p.config.Files}
			}
			sinks = append(sinks, more...)
		}
		hooks, diags := p.config.Hooks(p.env.Name)
		p.app.streams.Hide(p.config.Secrets()...)
		if diags.HasErrors() {
			return nil, &view.DiagnosticsError{Diags: diags, Files: p.config.Files}
		}
		t.hooks = hooks
	}
	t.teller = event.NewTeller(about, p.app.streams.Mask, p.app.now, sinks...)
	return t, nil
}

// commandOf is the command that goes in a direction.
func commandOf(doing string) string {
	switch doing {
	case view.Forward:
		return apply.CommandApply
	case view.Back:
		return apply.CommandRollback
	case view.Again:
		return apply.CommandRedo
	}
	return doing
}

func (t *telling) addNotifiers(event.Context, time.Time) (sinks []event.Sink, diags hcl.Diagnostics) {
	list, diags := t.project.config.Notify(t.project.env.Name, event.Names())
	for _, n := range list {
		one := notify.New(notify.Options{
			Name: n.Name, URL: n.URL, Key: n.Key, Slack: n.Form == config.Slack, Events: n.Events, Timeout: n.Timeout, Attempts: n.Attempts,
			Agent: strings.ReplaceAll(t.project.app.tool(), " ", "/"),
		})
		t.notifiers, sinks = append(t.notifiers, one), append(sinks, one)
	}
	return sinks, diags
}

func (t *telling) addMetrics(about event.Context, begin time.Time) ([]event.Sink, hcl.Diagnostics) {
	said, diags := t.project.config.Metrics(t.project.env.Name)
	if said.File == "" {
		return nil, diags
	}
	t.metrics = textfile.New(said.File, about.Database, about.Environment, about.Target, t.project.app.version, begin)
	return []event.Sink{t.metrics}, diags
}

// addTraces does nothing where no collector is named. A collector that cannot be used is a warning.
func (t *telling) addTraces(about event.Context, begin time.Time) ([]event.Sink, hcl.Diagnostics) {
	p := t.project
	said, diags := p.config.Tracing(p.env.Name)
	o := otlp.Options{
		Endpoint: said.Endpoint.Reveal(), Headers: said.Headers, Service: said.Service, Version: p.app.version, Command: about.Command,
		Database: about.Database, Environment: about.Environment, Target: about.Target, Begin: begin, Getenv: p.app.getenv,
	}
	wanted, err := o.Wanted()
	if err == nil && wanted && !diags.HasErrors() {
		t.traces, err = otlp.New(context.Background(), o)
	}
	if err != nil {
		p.view.Warn("this run has no trace: " + err.Error())
	}
	if t.traces == nil {
		return nil, diags
	}
	return []event.Sink{t.traces}, diags
}

// run carries the run out with everybody watching.
func (t *telling) run(ctx context.Context, a attended) (*apply.Result, error) {
	options := a.options
	watcher := options.Observer
	options.Observer = apply.ObserverFunc(func(e apply.Event) {
		if watcher != nil {
			watcher.Observe(e)
		}
		t.teller.Observe(e)
	})
	options.Prepare = append([]apply.Preparation{t.before}, options.Prepare...)
	result, err := a.run(ctx, options)
	if err != nil {
		t.teller.Fail(err)
	}
	err = errors.Join(err, t.after(ctx, result, err))
	t.close(ctx)
	return result, err
}

// close waits a moment for those who were not told yet. What they missed is a warning: the run is what it is.
func (t *telling) close(ctx context.Context) {
	// An interrupted command tells too, but has less time for it.
	wait := farewell
	if ctx.Err() != nil {
		wait = farewell / 2
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), wait)
	defer cancel()
	over := make(chan struct{})
	defer close(over)
	go func() {
		select {
		case <-t.abort:
			cancel()
		case <-over:
		}
	}()
	problems := make([]string, len(t.notifiers)+1)
	var all sync.WaitGroup
	for i, n := range t.notifiers {
		all.Go(func() { problems[i] = n.Close(ctx) })
	}
	if t.traces != nil {
		all.Go(func() { problems[len(t.notifiers)] = t.traces.Close(ctx) })
	}
	if t.metrics != nil {
		if err := t.metrics.Write(); err != nil {
			problems = append(problems, err.Error())
		}
	}
	all.Wait()
	for _, problem := range problems {
		if problem != "" {
			t.project.view.Warn(problem)
		}
	}
}
