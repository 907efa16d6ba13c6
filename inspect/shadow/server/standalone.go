package server

import (
	"context"
	"errors"
	"fmt"
)

// Run starts a server, calls ready with it, and waits until ctx ends or the server dies, then closes it. It is what a
// command that serves a demonstration or a test from a shell needs.
func Run(ctx context.Context, o Options, ready func(*Server)) error {
	s, err := Start(ctx, o)
	if err != nil {
		return err
	}
	ready(s)
	var died error
	select {
	case <-ctx.Done():
	case <-s.Done():
		died = fmt.Errorf("serve %s: the server ended by itself", s.Describe())
	}
	return errors.Join(died, s.Close())
}
