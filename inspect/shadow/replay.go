package shadow

import (
	"context"
	"fmt"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// Script is a text to be replayed: a step of a migration file.
type Script struct {
	// File and Step say where it comes from, for errors.
	File string
	Step int
	SQL  []string
	// Transactional scripts run in one transaction, batched ones whole; of others each statement runs alone.
	Transactional bool
}

// Replay answers what the live state will be once pending files have run: it builds the whole live state on the
// shadow, runs them and reads the result. What a shadow does not hold, owners and everything unmanaged, is taken from
// the live state.
func (s *Shadow) Replay(ctx context.Context, live *schema.Catalog, scripts []Script) (*schema.Catalog, error) {
	if len(scripts) == 0 {
		return live, nil
	}
	d, drop, err := s.scratch(ctx)
	if err != nil {
		return nil, err
	}
	defer drop()
	if err := d.build(ctx, live); err != nil {
		return nil, fmt.Errorf("rebuild the live state on the shadow: %w", err)
	}
	for _, script := range scripts {
		if err := d.replay(ctx, script); err != nil {
			return nil, fmt.Errorf("replay %s, step %d, on the shadow: %w", script.File, script.Step, err)
		}
	}
	return d.merged(ctx, live)
}

func (d *scratch) replay(ctx context.Context, script Script) error {
	mode := planner.Outside
	if script.Transactional {
		mode = planner.Transaction
	}
	_, err := d.execute(ctx, mode, script.statements(), nil)
	return err
}

func (s *Script) statements() []planner.Statement {
	out := make([]planner.Statement, len(s.SQL))
	for i, sql := range s.SQL {
		out[i] = planner.Statement{SQL: sql}
	}
	return out
}

// merged reads the shadow as if it were the live database.
func (d *scratch) merged(ctx context.Context, live *schema.Catalog) (*schema.Catalog, error) {
	out, err := d.inspect(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range out.IDs() {
		// What was built as the shadow's superuser says nothing about who will own it.
		if (id.Kind == schema.KindOwner || id.Kind == schema.KindGrant) && live.Get(id) == nil {
			out.Remove(id)
		}
	}
	for _, id := range d.initial.IDs() {
		if live.Get(id) == nil {
			out.Remove(id)
		}
	}
	for _, id := range live.IDs() {
		switch {
		case id.Kind == schema.KindUnmanaged:
			out.Put(live, id)
		case id.Kind == schema.KindOwner || id.Kind == schema.KindGrant:
			if out.Has(id.Target()) && out.Get(id) == nil {
				out.Put(live, id)
			}
		case out.Has(id) && planner.Equal(out.Get(id), live.Get(id)):
			out.Put(live, id)
		}
	}
	return out, nil
}
