package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// crowd is a number of clients of one code, the old or the new.
type crowd struct {
	code    string
	url     string
	list    []statement
	pace    time.Duration
	replan  bool
	numbers *numbers
	tally   *tally

	stop chan struct{}
	wait sync.WaitGroup
}

// start connects n clients, prepares their statements and lets them work; with none, every statement is sent once. A statement that cannot be prepared is a
// failure of the code, and ends the start.
func (c *crowd) start(ctx context.Context, n int) error {
	if len(c.list) == 0 {
		return nil
	}
	if n == 0 {
		return c.once(ctx)
	}
	c.stop = make(chan struct{})
	for i := range n {
		one := &client{crowd: c, name: fmt.Sprintf("%s %d", c.code, i+1), rand: rand.New(rand.NewPCG(uint64(i), uint64(len(c.code))))}
		if err := one.connect(ctx); err != nil {
			c.tally.fail(c.code, "start", err)
			c.end()
			return fmt.Errorf("start clients of the %s code: %w", c.code, err)
		}
		c.wait.Go(func() { one.work(ctx, c.stop) })
	}
	return nil
}

// once sends every statement one time.
func (c *crowd) once(ctx context.Context) error {
	one := &client{crowd: c, name: c.code, rand: rand.New(rand.NewPCG(0, 0))}
	if err := one.connect(ctx); err != nil {
		c.tally.fail(c.code, "start", err)
		return fmt.Errorf("start a client of the %s code: %w", c.code, err)
	}
	for i := range c.list {
		_ = one.turn(ctx, i) // counted where it happened
	}
	return one.conn.Close(ctx)
}

// end lets every client finish its statement and waits for all. It does nothing when the crowd is not at work.
func (c *crowd) end() {
	if c.stop == nil {
		return
	}
	close(c.stop)
	c.wait.Wait()
	c.stop = nil
}
