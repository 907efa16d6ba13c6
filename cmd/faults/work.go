package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// crew is the workers of one run of this program and what they bring home.
type crew struct {
	*options
	progress io.Writer

	mu   sync.Mutex
	all  []*outcome
	errs []error
}

// try makes the chosen points of all scenarios. The error says what could not be tried at all.
func (o *options) try(ctx context.Context, scenarios []*scenario, progress io.Writer) ([]*outcome, error) {
	c := &crew{options: o, progress: progress}
	var labs []*lab
	defer func() {
		for _, l := range labs {
			l.close()
		}
	}()
	for range max(1, min(o.workers, len(scenarios))) {
		l, err := startLab(ctx, o.major, o.program)
		if err != nil {
			return nil, err
		}
		labs = append(labs, l)
	}
	major := labs[0].server.installation.Major
	scenarios = slices.DeleteFunc(scenarios, func(s *scenario) bool { return s.least > major })
	fmt.Fprintf(progress, "seed %d, PostgreSQL %s, %d cases\n", o.choice.seed, labs[0].server.installation.Version, len(scenarios))
	if labs[0].noDisk != nil {
		fmt.Fprintf(progress, "without disk-full: %v\n", labs[0].noDisk)
	}
	if o.most > 0 {
		scenarios = o.choice.draw(o.most, scenarios, labs[0].disk != nil)
	}
	queue := make(chan *scenario)
	var wait sync.WaitGroup
	for _, l := range labs {
		wait.Go(func() {
			for s := range queue {
				c.visit(ctx, l, s)
			}
		})
	}
	for _, s := range scenarios {
		queue <- s
	}
	close(queue)
	wait.Wait()
	return c.all, errors.Join(append(c.errs, ctx.Err())...)
}

// visit prepares one scenario and tries its points.
func (c *crew) visit(ctx context.Context, l *lab, s *scenario) {
	if ctx.Err() != nil {
		return
	}
	p, err := l.prepare(ctx, s)
	if err != nil {
		c.fail(fmt.Errorf("prepare %s: %w", s.name, err))
		return
	}
	defer l.drop(ctx, `"`+p.template+`"`)
	points, all := c.choice.of(p, l.disk != nil)
	c.say("%s: %d requests, %d of %d points", s.name, len(p.requests), len(points), all)
	for _, at := range points {
		if ctx.Err() != nil {
			return
		}
		t := &trial{point: at, ctx: ctx, lab: l, prepared: p, seed: c.choice.seed, keep: c.keep}
		out := t.run()
		if ctx.Err() != nil {
			return // what an interrupt did is not the fault's
		}
		c.bring(out)
	}
}

func (c *crew) bring(out *outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, out)
	if !c.quiet || !out.Survived {
		fmt.Fprintln(c.progress, out.line())
	}
}

func (c *crew) say(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintf(c.progress, format+"\n", args...)
}

func (c *crew) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.errs = append(c.errs, err)
}
