package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// runAll runs the cases on as many servers as there are workers. Where it is stopped midway, the report of the cases
// done so far comes with the error.
func runAll(ctx context.Context, o options, cases []material, progress io.Writer) (*report, error) {
	if _, err := os.Stat(o.pleat); err != nil {
		return nil, fmt.Errorf("find the built pleat: %w", err)
	}
	d, err := newDumper(ctx, o.major, o.owner)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pleat-corpora-")
	if err != nil {
		return nil, fmt.Errorf("make work directory: %w", err)
	}
	if !o.verbose {
		defer os.RemoveAll(dir)
	}
	c := &crew{options: o, dumper: d, cases: cases, dir: dir, progress: progress, outcomes: make([]outcome, len(cases))}
	failures := make([]error, min(o.workers, len(cases)))
	var workers sync.WaitGroup
	for i := range failures {
		workers.Go(func() { failures[i] = c.work(ctx) })
	}
	workers.Wait()
	r := &report{Outcomes: slices.DeleteFunc(c.outcomes, func(o outcome) bool { return o.Class == "" })}
	if o.verbose {
		r.Dir = dir
	}
	return r, errors.Join(failures...)
}

// crew shares the cases out among workers.
type crew struct {
	options  options
	dumper   *dumper
	cases    []material
	dir      string
	progress io.Writer
	outcomes []outcome

	mu         sync.Mutex
	next, done int
}

// take is the index of the next case; ok is false when none is left.
func (c *crew) take() (i int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	return c.next - 1, c.next <= len(c.cases)
}

// finish notes the outcome of a case.
func (c *crew) finish(i int, o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	c.outcomes[i] = o
	if o.Class != passed {
		fmt.Fprintf(c.progress, "%d/%d %s: %s\n", c.done, len(c.cases), &o, o.Class)
	}
}

// work runs cases until none is left. A server that could not be cleaned, or that died, is replaced.
func (c *crew) work(ctx context.Context) error {
	var l *lab
	for {
		i, ok := c.take()
		if !ok || ctx.Err() != nil {
			return errors.Join(ctx.Err(), l.close())
		}
		if l == nil {
			var err error
			if l, err = newLab(ctx, c.options, c.dumper); err != nil {
				return err
			}
		}
		m := c.cases[i]
		o, err := l.try(ctx, c.options, m, c.directory(m))
		if ctx.Err() != nil {
			return errors.Join(ctx.Err(), l.close())
		}
		if c.options.verbose {
			o.Dir = c.directory(m)
		}
		c.finish(i, o)
		if err != nil {
			fmt.Fprintf(c.progress, "%s: clean server: %v; starting another\n", m, err)
			if err := l.close(); err != nil {
				fmt.Fprintf(c.progress, "%v\n", err)
			}
			l = nil
		}
	}
}

func (c *crew) directory(m material) string {
	name := strings.NewReplacer(" (", "-", ")", "").Replace(m.name)
	return filepath.Join(c.dir, m.set, filepath.FromSlash(name))
}

// close stops the server, if there is one.
func (l *lab) close() error {
	if l == nil {
		return nil
	}
	return l.server.Close()
}
