package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/config"
	"github.com/pleatdb/pleat/cmd/internal/event"
	"github.com/pleatdb/pleat/cmd/internal/notify"
	"github.com/pleatdb/pleat/cmd/internal/telemetry/otlp"
	"github.com/pleatdb/pleat/cmd/internal/telemetry/textfile"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

// farewell is how long the end of a command waits for those who are still to be told; glance is the least for one of many targets, when
// those before it have used up the time.
const (
	farewell = 5 * time.Second
	glance   = 100 * time.Millisecond
)

// patience is the time that the ends of all runs of a process wait together: a receiver that hangs must not hold up each of a thousand
// targets.
type patience struct {
	mu    sync.Mutex
	spent time.Duration
}

func (p *patience) left() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(farewell-p.spent, glance)
}

func (p *patience) used(since time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spent += time.Since(since)
}

// telling is who is told of one run, and what runs beside it.
type telling struct {
	project *project
	about   event.Context
	// receivers, metricsFile, tracing and hooks are what the project file says; a dry run has none.
	receivers   []*config.Notify
	metricsFile string
	tracing     *config.Tracing
	hooks       []*config.Hook

	teller *event.Teller
	// last is the newest event about the run as a whole, for hooks.
	last      event.Event
	upcoming  apply.Upcoming
	notifiers []*notify.Notifier
	metrics   *textfile.Recorder
	traces    *otlp.Exporter
	// abort is closed when everything is to end at once.
	abort <-chan struct{}
}

// telling reads who is to be told of a run; nothing is begun. A dry run tells the logs alone, and has no hooks.
func (p *project) telling(a attended) (*telling, error) {
	t := &telling{project: p, abort: a.options.Abort}
	t.about = event.Context{
		// A database's name can be any bytes; what tells of it is UTF-8.
		Command: commandOf(a.doing), Database: strings.ToValidUTF8(p.database(), "\uFFFD"), Environment: p.env.Name, Release: a.options.Release, Tool: p.app.tool(),
	}
	if p.place != nil {
		t.about.Target = p.place.Name
	}
	if a.options.DryRun {
		return t, nil
	}
	env := p.env.Name
	receivers, diags := p.config.Notify(env, event.Names())
	metrics, more := p.config.Metrics(env)
	diags = append(diags, more...)
	tracing, more := p.config.Tracing(env)
	diags = append(diags, more...)
	hooks, more := p.config.Hooks(env)
	diags = append(diags, more...)
	p.app.streams.Hide(p.config.Secrets()...)
	if diags.HasErrors() {
		return nil, &view.DiagnosticsError{Diags: diags, Files: p.config.Files}
	}
	t.receivers, t.metricsFile, t.tracing, t.hooks = receivers, metrics.File, tracing, hooks
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

// begin gathers those who are told.
func (t *telling) begin() {
	p, now := t.project, t.project.app.now()
	sinks := []event.Sink{&p.app.log, event.Only(event.SinkFunc(func(e event.Event) { t.last = e }),
		[]string{event.TypeRunStarted, event.TypeRunFinished, event.TypeRunIdle, event.TypeRunFailed})}
	for _, n := range t.receivers {
		one := notify.New(notify.Options{
			Name: n.Name, URL: n.URL, Key: n.Key, Slack: n.Form == config.Slack, Events: n.Events, Timeout: n.Timeout, Attempts: n.Attempts,
			Agent: strings.ReplaceAll(p.app.tool(), " ", "/"),
		})
		t.notifiers, sinks = append(t.notifiers, one), append(sinks, one)
	}
	if t.metricsFile != "" {
		t.metrics = textfile.New(t.metricsFile, t.about.Database, t.about.Environment, t.about.Target, p.app.version, now)
		sinks = append(sinks, t.metrics)
	}
	if t.tracing != nil {
		if t.trace(now); t.traces != nil {
			sinks = append(sinks, t.traces)
		}
	}
	t.teller = event.NewTeller(t.about, p.app.streams.Mask, p.app.now, sinks...)
}

// trace begins a trace where a collector is named. One that cannot be used is a warning.
func (t *telling) trace(now time.Time) {
	p, said := t.project, t.tracing
	o := otlp.Options{
		Endpoint: said.Endpoint.Reveal(), Headers: said.Headers, Service: said.Service, Version: p.app.version, Command: t.about.Command,
		Database: t.about.Database, Environment: t.about.Environment, Target: t.about.Target, Begin: now, Getenv: p.app.getenv,
	}
	wanted, err := o.Wanted()
	if err == nil && wanted {
		t.traces, err = otlp.New(context.Background(), o)
	}
	if err != nil {
		p.view.Warn("this run has no trace: " + err.Error())
	}
}

// run carries the run out with everybody watching.
func (t *telling) run(ctx context.Context, a attended) (*apply.Result, error) {
	t.begin()
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
	wait := t.project.app.patience.left()
	// An interrupted command tells too, but has less time for it.
	if ctx.Err() != nil {
		wait /= 2
	}
	defer t.project.app.patience.used(time.Now())
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
