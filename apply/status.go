package apply

import (
	"context"
	"errors"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// Overview is where a database stands against its files.
type Overview struct {
	// State is what the log says.
	State *history.State
	// Pending would run now, Held would be left out.
	Pending []*migration.Migration
	Held    []Held
	// Problems are what would keep a run from beginning.
	Problems []error
	// Running is who holds the lock; nil when nobody does.
	Running  *Holder
	Warnings []string
}

// Status looks where the database stands. It writes nothing, takes no lock and does not inspect the schema. The error says that
// it could not look; what is wrong with what it saw is in Problems.
func Status(ctx context.Context, opts Options) (*Overview, error) {
	opts.DryRun = true
	if err := opts.check(true); err != nil {
		return nil, err
	}
	s, err := open(ctx, &opts)
	if err != nil {
		return nil, err
	}
	defer s.close()
	o := &Overview{}
	t := &target{}
	if o.Running, err = s.running(ctx); err != nil {
		return nil, err
	}
	entries, err := s.log.Verified(ctx)
	var chain *history.ChainError
	if errors.As(err, &chain) {
		o.Problems = append(o.Problems, err)
		entries, err = s.log.Entries(ctx, 0)
	}
	if err != nil {
		return nil, unreadable(err)
	}
	t.entries, t.state = entries, history.StateOf(entries)
	o.State = t.state
	for _, err := range []error{s.opts.Dir.Validate(), s.compareFiles(ctx, t)} {
		if err != nil {
			o.Problems = append(o.Problems, parts(err)...)
		}
	}
	o.Warnings = append(t.warnings, t.beside...)
	units, err := s.pending(t)
	if err != nil {
		o.Problems = append(o.Problems, parts(err)...)
		return o, nil
	}
	run, held, err := s.gate(ctx, t, units)
	if err != nil {
		o.Problems = append(o.Problems, err)
	}
	o.Pending, o.Held = migrationsOf(run), held
	return o, nil
}

// running finds out who holds the lock; nil when nobody does.
func (s *session) running(ctx context.Context) (*Holder, error) {
	h, err := s.holder(ctx)
	if err != nil || h.PID == 0 {
		return nil, err
	}
	return &h, nil
}
