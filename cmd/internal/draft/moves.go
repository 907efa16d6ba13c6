package draft

import (
	"context"
	"fmt"

	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// moves are the renames that come before everything else in a plan.
type moves struct {
	// state is the base after the renames so far.
	state *schema.Catalog
	step  planner.Step
}

// declaredMoves applies moved blocks and renamed_from.
func (r *Request) declaredMoves(ctx context.Context, d *Draft, m *moves) error {
	declared := make([]planner.Move, len(r.Desired.Moves))
	for i, move := range r.Desired.Moves {
		declared[i] = planner.Move{From: move.From, To: move.To}
	}
	return m.apply(ctx, r.Shadow, r.Desired.Catalog, declared, func(done planner.Move) {
		d.Notes = append(d.Notes, fmt.Sprintf(
			"moved from %s to %s has been done here; the declaration can go once it is done everywhere", done.From, done.To))
	})
}

// apply makes renames and looks at what they lead to. Those that were made before are reported.
func (m *moves) apply(ctx context.Context, s *shadow.Shadow, desired *schema.Catalog, list []planner.Move, done func(planner.Move)) error {
	moved, err := planner.Moves(m.state, desired, list)
	if err != nil {
		return err
	}
	for _, move := range moved.Done {
		if done != nil {
			done(move)
		}
	}
	m.state, err = s.Move(ctx, m.state, moved.Made, moved.Up)
	m.step.Up = append(m.step.Up, moved.Up...)
	m.step.Down = append(moved.Down, m.step.Down...)
	return err
}

// precede puts the renames before the other steps.
func (m *moves) precede(plan *planner.Plan, base *schema.Catalog) {
	if len(m.step.Up) == 0 {
		return
	}
	step := m.step
	step.Title = "rename"
	for i, s := range step.Up {
		if i > 0 {
			step.Title += ","
		}
		step.Title += " " + s.Object.String()
	}
	plan.Steps = append([]planner.Step{step}, plan.Steps...)
	for _, id := range base.IDs() {
		if o := m.state.Get(id); o == nil || !planner.Equal(base.Get(id), o) {
			plan.Rebuilt = append(plan.Rebuilt, id)
		}
	}
	for _, id := range m.state.IDs() {
		if base.Get(id) == nil {
			plan.Rebuilt = append(plan.Rebuilt, id)
		}
	}
}
