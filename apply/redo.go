package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pleatdb/pleat/history"
)

// Redo takes the newest migrations back and applies them again, under one lock. Their files must be there and be what was
// applied. Errors are those of [Run]. The result lists what was applied again.
func Redo(ctx context.Context, opts Options, sel Selection) (*Result, error) {
	if err := errors.Join(opts.check(true), sel.check()); err != nil {
		return nil, err
	}
	if opts.Agree != nil {
		return nil, &Refused{Code: "approval", Reason: "runs need an approval here, and none can be given for what is applied already",
			Next: "roll back, approve what is pending then, and apply: pleat rollback, pleat approve, pleat apply"}
	}
	var result *Result
	err := within(ctx, &opts, func(ctx context.Context, s *session, t *target) error {
		backs, err := s.choose(ctx, t, sel)
		if err != nil {
			return err
		}
		for _, b := range backs {
			if s.opts.Dir.File(b.Version) == nil {
				return &Refused{Code: "file", Reason: b.File() + " is gone, so it could not be applied again", Next: "use: pleat rollback"}
			}
		}
		r := newRunner(s, t, nil, nil)
		result = r.result
		if err := r.backward(ctx, backs, CommandRedo); err != nil || s.opts.DryRun {
			return err
		}
		s.run, s.opts.Prepare = history.NewRunID(time.Now()), nil
		again, err := s.again(ctx, backs)
		if err != nil {
			return fmt.Errorf("apply again what was rolled back: %w", err)
		}
		result = again.result
		return again.forward(ctx)
	})
	return result, err
}

// again is the run that applies what was taken back, in the order in which it was there before. Gates stay out of it: they
// were open.
func (s *session) again(ctx context.Context, backs []*back) (*runner, error) {
	t, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	var units []*unit
	for _, b := range slices.Backward(backs) {
		f := s.opts.Dir.File(b.Version)
		m, err := f.Parse()
		if err != nil {
			return nil, err
		}
		units = append(units, &unit{Migration: m, file: f, record: t.state.Record(b.Version)})
	}
	return newRunner(s, t, units, nil), nil
}
